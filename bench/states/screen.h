/* screen - `twstorm states` on a terminal: counts again and again, and draws the newest count in place. */
#ifndef TWSTORM_BENCH_STATES_SCREEN_H
#define TWSTORM_BENCH_STATES_SCREEN_H

#include "bench/states/print.h"

struct live;

struct screen_plan {
	struct states_source *source; /* borrowed */
	struct states_want *want;     /* borrowed; its filters change by keys */
	struct states_groups *groups; /* borrowed */
	const char *ports, *states;   /* borrowed: the filters as typed; NULL = none */
	uint64_t
		interval_ns; /* 0 = every second, or as seldom as a count's cost asks for */
	uint64_t top;        /* ends shown at most */
	struct live *live;   /* borrowed: told of each count; or NULL */
};

/* Until `q` or a signal of signals.h.  0 or -errno with a sentence; the terminal is as it was. */
int states_screen(const struct screen_plan *plan, struct err *err);

#endif
