/* conn_proto - the protocols that a connection can speak, as rows of functions; the first byte of a
 * connection says which it is. */
#ifndef TWSTORM_SERVER_CONN_PROTO_H
#define TWSTORM_SERVER_CONN_PROTO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "server/conn.h"

struct conn_proto {
	/* Takes n > 0 received bytes of it; *used: how many were its own, n unless changed.
	 * ON_NOTHING: more is to come.  ON_REQUEST: it is whole, p->header and p->closing say
	 * what it wants.  ON_GIVE_UP: no such thing, and no answer. */
	enum conn_input (*take)(struct conn *p, const unsigned char *bytes, size_t n,
				size_t *used);
	/* Bytes of its response. */
	uint64_t (*response)(struct conn *p);
	/* Sends some of the p->response_left bytes: see wire_send(). */
	ssize_t (*send)(struct conn *p);
	/* The request is answered, or what has come of it is of no use any more: it is forgotten. */
	void (*done)(struct conn *p);
};

/* A method, or a blank line before it; or what is to be refused in HTTP: a ClientHello, for an answer
 * in the clear tells its sender that this is no TLS. */
#define CONN_TLS_FIRST 0x16
static inline bool conn_begins_http(unsigned char first)
{
	return http_is_token_char(first) || first == '\r' || first == '\n' ||
	       first == CONN_TLS_FIRST;
}

/* X(name, a connection whose first byte is `first` speaks it): conn_name.c does.  The first row of
 * which it is true is a connection's. */
#define CONN_PROTOS(X)                                                                   \
	X(raw, first == RAW_MAGIC)                                                       \
	X(http, conn_begins_http(first))
#define X(name, begins) extern const struct conn_proto conn_proto_##name;
CONN_PROTOS(X)
#undef X

/* What responses are made of: the raw protocol's mark, and zeros. */
#define CONN_ZEROS 65536
extern const unsigned char conn_bytes[RAW_MARK + CONN_ZEROS];

/* How many bytes of content to send in one call: send() does not stop in the middle of what
 * it is given, however much waits already. */
static inline size_t conn_part(const struct conn *p)
{
	return p->unsent < CONN_ZEROS ? p->unsent : CONN_ZEROS;
}

/* NULL: none begins so. */
static inline const struct conn_proto *conn_proto_of(unsigned char first)
{
#define X(name, begins)                                                                  \
	if (begins)                                                                      \
		return &conn_proto_##name;
	CONN_PROTOS(X)
#undef X
	return NULL;
}

#endif
