/* resting - the connections of a simulated --pool, between two arrivals: which is used next, and
 * when each retires. */
#ifndef TWSTORM_COMMON_PORTS_RESTING_H
#define TWSTORM_COMMON_PORTS_RESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/ports/load.h"
#include "common/ports/pick.h"

struct resting_one {
	struct choice choice;
	uint64_t born_ns, since_ns; /* opened; at rest since */
	uint64_t served;            /* transactions */
};

struct resting {                 /* zeroed = there is no pool */
	const struct load *load; /* borrowed */
	struct resting_one *at;  /* owned: the one used last is the last */
	size_t n;
	uint64_t next_ns; /* no earlier retires one; UINT64_MAX = none does */
};

int resting_init(struct resting *r, const struct load *load, uint64_t most,
		 struct err *err);
void resting_done(struct resting *r);
static inline bool resting_is_empty(const struct resting *r)
{
	return r->n == 0;
}
/* Will no other connection be opened, if those that rest are used first? */
bool resting_suffices(const struct resting *r, bool used_first);
/* A new connection has served an arrival. */
void resting_add(struct resting *r, const struct choice *c, uint64_t now_ns);
/* A connection serves one more: in an open loop the connection that was used last; in a
 * closed loop, where all are busy, the connection that was not used for longest. */
void resting_use(struct resting *r, uint64_t now_ns);
/* When the next one retires; UINT64_MAX = none will. */
uint64_t resting_next_ns(const struct resting *r);
/* Takes one that retires by now_ns; false = there is none. */
bool resting_retire(struct resting *r, uint64_t now_ns, struct choice *c);

#endif
