/* cert - certificates made in memory; and the one of a server's own, signed by itself, for this host, the
 * addresses that are listened on and loopback. */
#include "common/tls/inside.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VALID_S (30L * 24 * 3600)
#define EARLY_S 3600L /* clocks differ */
#define NAMES   4096  /* bytes; addresses that have no place are left out */

static void add_address(char *names, const struct addr *a)
{
	char text[ADDR_TEXT], entry[ADDR_TEXT + 8];

	if (addr_is_wildcard(a))
		return;
	snprintf(entry, sizeof(entry), ",IP:%s", addr_print_host(a, text, sizeof(text)));
	if (!strstr(names, entry) && strlen(names) + strlen(entry) < NAMES)
		strcat(names, entry);
}

static void list_names(char *names, const struct addr_list *listens)
{
	char host[128] = "";

	gethostname(host, sizeof(host) - 1);
	snprintf(names, NAMES, "DNS:localhost%s%s,IP:127.0.0.1,IP:::1",
		 *host && strcmp(host, "localhost") ? ",DNS:" : "",
		 strcmp(host, "localhost") ? host : "");
	for (size_t i = 0; i < listens->n; i++)
		add_address(names, &listens->at[i]);
}

static bool say(X509 *cert, X509 *issuer, const struct tls_extension *what)
{
	X509V3_CTX ctx = { 0 };
	X509_EXTENSION *e;
	bool added;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, what->nid, what->value);
	added = e && X509_add_ext(cert, e, -1) == 1;
	X509_EXTENSION_free(e);
	return added;
}

static bool fill(X509 *cert, EVP_PKEY *key, const char *subject,
		 const struct tls_identity *issuer)
{
	X509_NAME *name = X509_get_subject_name(cert);
	uint64_t serial;

	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       X509_set_version(cert, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) == 1 &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), -EARLY_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)subject, -1, -1,
					  0) == 1 &&
	       X509_set_issuer_name(cert, X509_get_subject_name(issuer->cert)) == 1 &&
	       X509_set_pubkey(cert, key) == 1;
}

bool tls_identity_make(struct tls_identity *out, const char *subject, bool rsa,
		       const struct tls_extension *ext, size_t n,
		       const struct tls_identity *issuer)
{
	bool made;

	out->key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	out->cert = X509_new();
	if (!issuer)
		issuer = out;
	made = out->key && out->cert && fill(out->cert, out->key, subject, issuer);
	for (size_t i = 0; made && i < n; i++)
		made = say(out->cert, issuer->cert, &ext[i]);
	return made && X509_sign(out->cert, issuer->key, EVP_sha256()) > 0;
}

void tls_identity_done(struct tls_identity *id)
{
	X509_free(id->cert);
	EVP_PKEY_free(id->key);
}

bool tls_cert_make(SSL_CTX *ctx, const struct addr_list *listens)
{
	char names[NAMES];
	const struct tls_extension of_names = { NID_subject_alt_name, names };
	struct tls_identity id = { 0 };
	bool made;

	list_names(names, listens);
	made = tls_identity_make(&id, "twstorm server", false, &of_names, 1, NULL) &&
	       SSL_CTX_use_certificate(ctx, id.cert) == 1 &&
	       SSL_CTX_use_PrivateKey(ctx, id.key) == 1;
	tls_identity_done(&id);
	return made;
}

void tls_cert_fingerprint(const X509 *cert, char text[2 * TLS_PIN + 1])
{
	unsigned char digest[TLS_PIN];

	text[0] = '\0';
	if (X509_digest(cert, EVP_sha256(), digest, NULL) != 1)
		return;
	for (int i = 0; i < TLS_PIN; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}
