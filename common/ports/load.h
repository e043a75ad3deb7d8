/* load - which connections a run starts, and when: the same for the workers that start them and
 * for a simulation of the ports (simulate.h). */
#ifndef TWSTORM_COMMON_PORTS_LOAD_H
#define TWSTORM_COMMON_PORTS_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/units.h"
#include "common/loop/pacer.h"
#include "common/ports/pick.h"

struct load {
	struct pick_plan pick; /* targets, sources, close strategies, workers */
	struct rate rate;      /* arrivals a second, all workers; 0 = closed loop */
	enum arrivals arrivals;
	unsigned rank, ranks; /* ranks at least 1 */
	uint64_t duration_ns;
	uint64_t limit; /* arrivals, if `limited` */
	bool limited;
	uint64_t concurrency; /* connections open at one time at most */
	uint64_t hold_ns;     /* how long each stays open */
	/* --pool: connections rest between arrivals; 0 = none does. */
	uint64_t pool;
	uint64_t requests;     /* transactions for an arrival */
	uint64_t max_requests; /* a connection retires after so many; 0 = never */
	uint64_t max_age_ns, idle_timeout_ns; /* 0 = never */
};

/* Worker nth's part: its places for connections, its arrivals (UINT64_MAX = no limit). */
uint64_t load_places(const struct load *l, unsigned nth);
uint64_t load_arrivals(const struct load *l, unsigned nth);
/* When its arrivals are due; for an open loop. */
void load_pacer(const struct load *l, unsigned nth, uint64_t begin_ns, struct pacer *out);
/* Arrivals of all workers that are due at until_ns after the beginning; for an open loop. */
uint64_t load_due(const struct load *l, uint64_t until_ns);

#endif
