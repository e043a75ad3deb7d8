/* peer_proto - the protocols that a peer can speak, as rows of functions; the first byte of a
 * connection says which it is. */
#ifndef TWSTORM_SERVER_PEER_PROTO_H
#define TWSTORM_SERVER_PEER_PROTO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "server/peer.h"

struct peer_proto {
	/* A request is next. */
	void (*begin)(struct peer *p);
	/* Takes n > 0 received bytes of it; *used: how many were its own, n unless changed.
	 * ON_NOTHING: more is to come.  ON_REQUEST: it is whole, p->header and p->closing say
	 * what it wants.  ON_GIVE_UP: no such thing, and no answer. */
	enum peer_input (*take)(struct peer *p, const unsigned char *bytes, size_t n,
				size_t *used);
	/* Bytes of its response. */
	uint64_t (*response)(struct peer *p);
	/* Sends some of the p->response_left bytes, like send(). */
	ssize_t (*send)(struct peer *p);
};

extern const struct peer_proto peer_proto_raw, peer_proto_http;
/* What responses are made of: the raw protocol's mark, and zeros. */
#define PEER_ZEROS 65536
extern const unsigned char peer_bytes[RAW_MARK + PEER_ZEROS];

/* How many bytes of content to send in one call: send() does not stop in the middle of what
 * it is given, however much waits already. */
static inline size_t peer_part(const struct peer *p)
{
	return p->unsent < PEER_ZEROS ? p->unsent : PEER_ZEROS;
}

/* NULL: none begins so. */
const struct peer_proto *peer_proto_of(unsigned char first);

#endif
