/* authority - a certificate authority for hosts that trust nobody else, such as those of a lab. */
#include "common/tls/inside.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static const struct tls_extension of_authority[] = {
	{ NID_basic_constraints, "critical,CA:TRUE" },
	{ NID_key_usage, "critical,keyCertSign" },
	{ NID_subject_key_identifier, "hash" },
};

static int write_pem(const char *file, const X509 *cert, const EVP_PKEY *key,
		     struct err *err)
{
	FILE *to = fopen(file, "we");
	bool written =
		to && PEM_write_X509(to, cert) == 1 &&
		(!key || PEM_write_PrivateKey(to, key, NULL, NULL, 0, NULL, NULL) == 1);

	if (to && fclose(to) != 0)
		written = false;
	return written ? 0 : err_sys(err, "%.200s", file);
}

static int unmade(struct err *err)
{
	return err_run(err, "OpenSSL makes no certificate: %s", tls_words());
}

static int make_host(const struct tls_host *h, const struct tls_identity *authority,
		     struct err *err)
{
	const struct tls_extension ext[] = {
		{ NID_subject_alt_name, h->names },
		{ NID_authority_key_identifier, "keyid" },
	};
	struct tls_identity id = { 0 };
	int r = tls_identity_make(&id, h->name, h->rsa, ext, 2, authority)
			? write_pem(h->file, id.cert, id.key, err)
			: unmade(err);

	tls_identity_done(&id);
	return r;
}

int tls_authority_make(const char *file, const struct tls_host *hosts, size_t n,
		       struct err *err)
{
	struct tls_identity authority = { 0 };
	int r = tls_identity_make(&authority, "twstorm lab", false, of_authority,
				  sizeof(of_authority) / sizeof(*of_authority), NULL)
			? write_pem(file, authority.cert, NULL, err)
			: unmade(err);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = make_host(&hosts[i], &authority, err);
	tls_identity_done(&authority);
	return r;
}
