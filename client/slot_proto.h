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

struct slot_proto {
	/* Bytes of the request that is due; s->last and s->goodbye say which it is. */
	uint64_t (*total)(const struct slot *s);
	/* Makes ready for its response; false: there will be none. */
	bool (*expect)(struct slot *s);
	/* The request from byte `done` on: where it is, and how many can be sent at once. */
	size_t (*bytes)(struct slot *s, uint64_t done, const unsigned char **from);
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

static inline const struct slot_proto *slot_proto(const struct slot *s)
{
	static const struct slot_proto *const rows[] = {
#define X(id, name) [PROTO_##id] = &slot_proto_##name,
		PROTOS(X)
#undef X
	};

	return rows[s->worker->plan->o.proto];
}

#endif
