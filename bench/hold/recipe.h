/* recipe - how a socket gets into each of the eleven states and stays there: one row a
 * state.  The protocol leaves five of them at once, so there one end drops every segment
 * (filter.h); descriptors stay open only where the kernel would give up an orphan. */
#ifndef TWSTORM_BENCH_HOLD_RECIPE_H
#define TWSTORM_BENCH_HOLD_RECIPE_H

#include "common/base/err.h"
#include "common/kernel/tcp_state.h"

struct hold;
struct hold_recipe;

/* One step of what is done to a fresh connection.  `act` gets the descriptor of one end and
 * makes it -1 if it closes it; where there is none, we wait until our end is in `state`. */
struct hold_step {
	enum { HOLD_NOBODY, HOLD_OURS, HOLD_PEER } who; /* HOLD_NOBODY: no step more */
	void (*act)(int *fd, struct err *err);
	unsigned state;
};

#define HOLD_STEPS 7
struct hold_recipe {
	/* Makes n of them; only the one for accepted connections has steps. */
	void (*make)(struct hold *h, const struct hold_recipe *r, uint64_t n);
	unsigned state;
	unsigned ours, peers; /* descriptors each one keeps open, on either end */
	const char *how;      /* a sentence without its full stop */
	struct hold_step steps[HOLD_STEPS];
};

/* In the order in which they are made: what lasts for ever first, listeners last, because
 * those of the recipes are gone by then.  Ends with a row of zeros. */
extern const struct hold_recipe hold_recipes[];

#endif
