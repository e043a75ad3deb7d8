/* pick - which target, source address, port and close strategy the next connection has.  One
 * per worker; deterministic for a seed, so a simulation picks what a run does. */
#ifndef TWSTORM_COMMON_PORTS_PICK_H
#define TWSTORM_COMMON_PORTS_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/base/rng.h"
#include "common/ports/own_ports.h"
#include "common/talk/closing.h"

enum spread { SPREAD_ROUND_ROBIN, SPREAD_RANDOM, SPREAD_LEAST };

/* What connections are picked from; the same for all workers. */
struct pick_plan {
	size_t n_targets, n_sources; /* at least 1 each */
	struct closing_mix mix;
	struct own_ports own_ports; /* borrowed */
	enum spread spread;
	bool reuseaddr; /* a port of our own is used once for each target */
	uint64_t seed;
	unsigned workers;
};

struct pick {
	struct pick_plan plan;
	uint32_t *in_flight; /* owned: per target, for --spread least */
	uint32_t *present;   /* owned: the targets that may be picked, ascending ... */
	uint32_t n_present;  /* ... all, but those left out */
	uint64_t *
		pairs_out; /* owned, NULL = none: a bit for each target and source, ... */
	uint32_t *n_out;   /* ... and how many of a target's */
	const uint16_t *port; /* borrowed: this worker's, for --bind port */
	uint32_t n_ports;
	uint32_t *turn; /* owned: the next of them, per tuple */
	/* owned, per tuple: how many could not be had, one after the other; and a bit for each of
	 * them, whether it was had at any time */
	uint32_t *missed;
	uint64_t *had;
	struct rng rng;
	/* The next connection's number, and the next's of pick_target(); how far apart they are. */
	uint64_t k, arrival;
	unsigned step;
	bool varied;    /* more than one source or strategy, or ports of our own */
	uint64_t block; /* see pick_next() */
	unsigned nth;
};

struct choice {
	uint32_t target, source; /* below n_targets, n_sources */
	uint16_t port;           /* to be bound; 0 = the kernel chooses */
	const struct closing *closing;
};

int pick_init(struct pick *p, const struct pick_plan *plan, unsigned nth,
	      struct err *err);
void pick_done(struct pick *p);
/* All (target, source) pairs come up equally often in round robin.  At least one target is present. */
void pick_next(struct pick *p, struct choice *out);
/* The target of the next arrival, by --spread alone: for those that take a connection that is there. */
uint32_t pick_target(struct pick *p);
/* As pick_next(), with a target that was chosen otherwise. */
void pick_for(struct pick *p, uint32_t target, struct choice *out);
/* The target is not picked any more, or again. */
void pick_leave_out(struct pick *p, uint32_t target);
void pick_take_in(struct pick *p, uint32_t target);
/* The same of one source for a target.  False: memory is out, and the pair stays in. */
bool pick_pair_out(struct pick *p, uint32_t target, uint32_t source);
void pick_pair_in(struct pick *p, uint32_t target, uint32_t source);
/* Whether the target has a source left. */
static inline bool pick_has_source(const struct pick *p, uint32_t target)
{
	return !p->n_out || p->n_out[target] < p->plan.n_sources;
}
/* Of the port that was picked last: the connection has it, or cannot have it.  The latter is true
 * where the ports are exhausted: this run had that one before, or no port of a whole round was to
 * be had, or the kernel chooses; else it is another socket's, and the next may be free. */
void pick_own_port_had(struct pick *p, const struct choice *c);
static inline void pick_port_had(struct pick *p, const struct choice *c)
{
	if (p->port)
		pick_own_port_had(p, c);
}
bool pick_port_missed(struct pick *p, const struct choice *c);
/* That connection is over: for --spread least. */
static inline void pick_connection_over(struct pick *p, uint32_t target)
{
	p->in_flight[target]--;
}

#endif
