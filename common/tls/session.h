/* session - one connection's TLS, as session.c, its BIO (bio.c) and who takes over what is not TLS (kept.c)
 * share it. */
#ifndef TWSTORM_COMMON_TLS_SESSION_H
#define TWSTORM_COMMON_TLS_SESSION_H

#include <sys/types.h>
#include "common/tls/inside.h"

#define RECORD SSL3_RT_MAX_PLAIN_LENGTH /* bytes of data in a record */

/* Of one call: a message is three events, and 100 of them are the most that a server with --tickets sends in a row. */
#define EVENTS_MOST 1024

/* What a connection that is not TLS began with: see kept.c. */
struct kept;

struct session {
	SSL *ssl; /* owned */
	struct tls_thread *of;
	uint32_t peer;
	int fd;    /* of the call under way */
	int flags; /* of its send() */
	int error; /* errno of its system call; 0 = none failed */
	bool is_server;
	bool begun;        /* a byte has come */
	bool eof;          /* recv() has said 0 */
	bool told;         /* how the other end ended has been counted */
	bool drained;      /* the last look found nothing more */
	bool ticketed;     /* the tickets of the server are out, or there are none */
	unsigned events;   /* of OpenSSL's machine of states, in the call under way */
	bool refused;      /* the other end wanted a new handshake */
	bool looks;        /* what OpenSSL reads stays in the socket */
	size_t seen;       /* so many bytes that OpenSSL has are in the socket, too */
	size_t sending;    /* bytes of a send() that has to be made again */
	struct kept *kept; /* owned: what came first was not TLS */
};

/* recv() behind what was seen before, which is dropped first.  -1 with errno. */
ssize_t tls_take(struct session *s, void *to, size_t n);
/* OpenSSL has had the bytes that were seen: the socket need not keep them any more.  1, or what recv()
 * says. */
ssize_t tls_drop_seen(struct session *s);

/* Heap; NULL = out of memory. */
struct kept *tls_kept_new(const void *bytes, size_t n);
/* Ends the wire's session; from then on it gives these bytes, then what TCP has.  Takes `kept`. */
void tls_kept_take_over(struct wire *w, struct kept *kept);

#endif
