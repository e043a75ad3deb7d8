/* tls - TLS as a row of the transport table (common/talk/transport.h), over OpenSSL 3: what the options
 * say becomes the settings of an end, which all threads share; each thread has counters and a stack
 * of tickets of its own; and each connection a session.
 *
 * A build without OpenSSL has none.c in place of the other files, and refuses the settings. */
#ifndef TWSTORM_COMMON_TLS_TLS_H
#define TWSTORM_COMMON_TLS_TLS_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/talk/transport.h"
#include "common/tls/counts.h"

struct addr_list;

/* What --tls-min and --tls-max can say. */
#define TLS_VERSIONS(X) X(TLS_1_2, "1.2") X(TLS_1_3, "1.3")
#define X(id, name)     id,
enum tls_version { TLS_VERSIONS(X) };
#undef X

struct tls_options { /* as typed: texts are borrowed, NULL = not given */
	bool on;
	bool insecure;    /* a client's: any certificate will do */
	bool resume;      /* a client's */
	int min, max;     /* enum tls_version */
	uint64_t tickets; /* a server's, for each connection */
	const char *cert, *key, *cacert, *sni, *alpn, *ciphers, *tls13_ciphers, *groups,
		*pin, *save_cert;
};

/* What is the same for either end; EXIT_USAGE with a sentence. */
int tls_options_check(const struct tls_options *o, struct err *err);

struct tls;
struct tls_thread;

/* A client's settings.  Its server's certificate is to be for `name`, or, without a name, for the
 * address of the target: peers->at[wire.peer].  The name and the addresses are borrowed.  0, or -errno with a sentence:
 * EXIT_USAGE for what an option says, EXIT_CANNOT_RUN for a file, EXIT_NO_SUPPORT without OpenSSL. */
int tls_client_make(const struct tls_options *o, const char *name,
		    const struct addr_list *peers, struct tls **out, struct err *err);
/* A server's.  Without --cert it makes a certificate for this host, `listens` and loopback. */
int tls_server_make(const struct tls_options *o, const struct addr_list *listens,
		    struct tls **out, struct err *err);
void tls_free(struct tls *t); /* NULL is allowed; after all threads */
/* SHA-256 of the end's own certificate in hex, as --pin takes it; "" = it has none. */
const char *tls_fingerprint(const struct tls *t);

/* What goes into the `of` of the thread's wires.  NULL = out of memory. */
struct tls_thread *tls_thread_new(const struct tls *t);
void tls_thread_free(struct tls_thread *of); /* NULL is allowed; after all sessions */
struct tls_counts *tls_thread_counts(struct tls_thread *of);

/* For whom an authority makes a certificate. */
struct tls_host {
	const char *name;  /* its common name */
	const char *names; /* what it is for, as in "DNS:server,IP:198.18.0.11" */
	const char *file;  /* where it goes, in PEM, its key behind it */
	bool rsa;          /* a key of RSA, not one on the curve P-256 */
};

/* Makes a certificate authority, whose certificate goes to `file`, and what it signs for n hosts.  The authority's
 * key is forgotten.  EXIT_CANNOT_RUN with OpenSSL's words; EXIT_NO_SUPPORT without OpenSSL. */
int tls_authority_make(const char *file, const struct tls_host *hosts, size_t n,
		       struct err *err);

/* takes neither MSG_MORE nor MSG_FASTOPEN.  A server's start() hands a connection that does not begin
 * as TLS does over to the row for TCP, with what it has read of it. */
extern const struct transport transport_tls;

#endif
