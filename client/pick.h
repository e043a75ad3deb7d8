/* pick - which target, source address and close strategy the next connection has.  One per
 * worker; deterministic for a seed. */
#ifndef TWSTORM_CLIENT_PICK_H
#define TWSTORM_CLIENT_PICK_H

#include <stdint.h>
#include "common/base/err.h"
#include "common/base/rng.h"

struct client_plan;
struct closing;

struct pick {
	const struct client_plan *plan; /* borrowed */
	uint32_t *in_flight;            /* owned: per target, for --spread least */
	const uint16_t *port;           /* borrowed: this worker's, for --bind port */
	uint32_t n_ports;
	uint32_t *turn; /* owned: the next of them, per tuple */
	struct rng rng;
	uint64_t k;     /* connections picked so far */
	uint64_t block; /* see pick_next() */
	unsigned nth, workers;
};

struct choice {
	uint32_t target, source; /* indices into the plan's lists */
	uint16_t port;           /* to be bound; 0 = the kernel chooses */
	const struct closing *closing;
};

int pick_init(struct pick *p, const struct client_plan *plan, unsigned nth,
	      struct err *err);
void pick_done(struct pick *p);
/* All (target, source) pairs come up equally often in round robin. */
void pick_next(struct pick *p, struct choice *out);
/* That connection is over: for --spread least. */
void pick_over(struct pick *p, uint32_t target);

#endif
