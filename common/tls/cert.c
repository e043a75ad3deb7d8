/* cert - a certificate of one's own: a key on the curve P-256, made in memory and signed by itself, for
 * this host, the addresses that are listened on and loopback. */
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

static bool set_names(X509 *cert, const struct addr_list *listens)
{
	char names[NAMES];
	X509_EXTENSION *e;
	bool added;

	list_names(names, listens);
	e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
	added = e && X509_add_ext(cert, e, -1) == 1;
	X509_EXTENSION_free(e);
	return added;
}

static bool fill(X509 *cert, EVP_PKEY *key, const struct addr_list *listens)
{
	X509_NAME *name = X509_get_subject_name(cert);
	uint64_t serial;

	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       X509_set_version(cert, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) == 1 &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), -EARLY_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"twstorm server", -1, -1,
					  0) == 1 &&
	       X509_set_issuer_name(cert, name) == 1 && X509_set_pubkey(cert, key) == 1 &&
	       set_names(cert, listens) && X509_sign(cert, key, EVP_sha256()) > 0;
}

bool tls_cert_make(SSL_CTX *ctx, const struct addr_list *listens)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	bool made = key && cert && fill(cert, key, listens) &&
		    SSL_CTX_use_certificate(ctx, cert) == 1 &&
		    SSL_CTX_use_PrivateKey(ctx, key) == 1;

	X509_free(cert);
	EVP_PKEY_free(key);
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
