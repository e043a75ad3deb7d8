/* inside - what the files of common/tls/ that know OpenSSL share. */
#ifndef TWSTORM_COMMON_TLS_INSIDE_H
#define TWSTORM_COMMON_TLS_INSIDE_H

#include <openssl/ssl.h>
#include "common/kernel/addr_list.h"
#include "common/tls/tls.h"

#define TLS_PIN 32 /* bytes of SHA-256 */

struct tls {
	SSL_CTX *ctx;           /* owned */
	BIO_METHOD *by_socket;  /* owned: see bio.c */
	const char *name;       /* borrowed: the server's, or NULL */
	struct addr_list peers; /* borrowed: the client's */
	bool verifies;          /* the client looks at the server's name */
	bool resume;
	unsigned tickets;
	bool pinned;
	unsigned char pin[TLS_PIN];
	char fingerprint[2 * TLS_PIN + 1];
};

/* Sessions that can be resumed: the latest is used first. */
struct tls_stack {
	SSL_SESSION **at; /* owned, and each that is on it */
	unsigned n, size;
};

struct tls_thread {
	const struct tls *tls; /* borrowed */
	struct tls_counts counts;
	struct tls_stack *tickets; /* owned: one for each peer; NULL = none are kept */
};

/* A session to resume with that peer, a reference of the caller's; NULL = none is known.  A ticket
 * of TLS 1.3 is used once, a session of 1.2 again and again. */
SSL_SESSION *tls_ticket_take(struct tls_thread *of, uint32_t peer);
/* Takes the reference, too; true if it was kept. */
bool tls_ticket_keep(struct tls_thread *of, uint32_t peer, SSL_SESSION *session);

/* The way of the bytes, for SSL_CTX's sessions. */
BIO_METHOD *tls_by_socket(void);
/* OpenSSL has a ticket: SSL_CTX_sess_set_new_cb(). */
int tls_on_ticket(SSL *ssl, SSL_SESSION *session);

/* OpenSSL does something: SSL_CTX_set_info_callback(). */
void tls_on_event(const SSL *ssl, int event, int what);

/* A certificate and its key: both are owned, and NULL where there is none. */
struct tls_identity {
	X509 *cert;
	EVP_PKEY *key;
};

/* One of a certificate, in the words of x509v3_config(5). */
struct tls_extension {
	int nid;
	const char *value;
};

/* Makes a key (RSA of 2,048 bits, otherwise one on the curve P-256) and a certificate with that common name, which
 * `issuer` signs, or, if that is NULL, its own key.  *out is empty before, and to be freed also after a failure:
 * false = OpenSSL says why. */
bool tls_identity_make(struct tls_identity *out, const char *subject, bool rsa,
		       const struct tls_extension *ext, size_t n,
		       const struct tls_identity *issuer);
void tls_identity_done(struct tls_identity *id);

/* Makes a certificate and its key for this host and these addresses, and uses them: false = OpenSSL
 * says why. */
bool tls_cert_make(SSL_CTX *ctx, const struct addr_list *listens);
/* In lower-case hex. */
void tls_cert_fingerprint(const X509 *cert, char text[2 * TLS_PIN + 1]);

/* OpenSSL's words for the first error of its queue, which is then empty.  Valid until the next call
 * of this thread. */
const char *tls_words(void);
/* What failed, as a result of the transport; and its words. */
int tls_fault(const SSL *ssl, const char **words);

#endif
