/* slot_proto - the protocols that a slot can speak, as rows of functions: what a request is
 * made of, and what received bytes mean. */
#ifndef TWSTORM_CLIENT_SLOT_PROTO_H
#define TWSTORM_CLIENT_SLOT_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "client/plan.h"
#include "client/slot.h"
#include "client/worker.h"

struct slot_bytes {
	const unsigned char *at;
	size_t n;
};

struct slot_proto {
	/* How long the request that is due is (s->out_size), and ready for its response; s->last and
	 * s->goodbye say which it is.  False: there will be no response. */
	bool (*prepare)(struct slot *s);
	/* The request from byte `done` on: as much of it as can be sent at once. */
	struct slot_bytes (*bytes)(const struct slot *s, uint64_t done);
	/* Takes n > 0 received bytes: ON_NOTHING, ON_RESPONSE or ON_GIVE_UP. */
	enum slot_input (*take)(struct slot *s, const unsigned char *bytes, size_t n);
	/* Looks at the first n > 0 bytes of a response that stays unread: ON_RESPONSE or
	 * ON_GIVE_UP. */
	enum slot_input (*peek)(struct slot *s, const unsigned char *bytes, size_t n);
	/* The server's FIN: was that the end of the response? */
	bool (*eof)(struct slot *s);
	/* Bytes came that no request asked for: ON_NOTHING to read on, or ON_GIVE_UP. */
	enum slot_input (*unasked)(struct slot *s);
	/* Is a complete response one that refuses what was asked?  NULL = none does. */
	bool (*refused)(const struct slot *s);
	bool tells_truncated; /* half a response is another outcome than none */
	/* A server that is to close may leave it to this side. */
	bool may_leave_closing;
};

#define X(id, name) extern const struct slot_proto slot_proto_##name;
PROTOS(X)
#undef X

/* The row of `proto`, which each worker keeps. */
static inline const struct slot_proto *slot_proto_of(enum proto proto)
{
	static const struct slot_proto *const rows[] = {
#define X(id, name) [PROTO_##id] = &slot_proto_##name,
		PROTOS(X)
#undef X
	};

	return rows[proto];
}

static inline const struct slot_proto *slot_proto(const struct slot *s)
{
	return s->worker->proto;
}

/* What is left of a request's content, which is zeros; as much as can be sent at once. */
static inline struct slot_bytes slot_zeros(const struct slot *s)
{
	return (struct slot_bytes){ s->worker->out + RAW_HEADER,
				    s->out_left < SCRATCH_SIZE ? (size_t)s->out_left
							       : SCRATCH_SIZE };
}

#endif
