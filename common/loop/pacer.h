/* pacer - when the next connection of an open loop is due.  Pure arithmetic: reads no
 * clock, arms no timer, so a test and a run get the same answers.  One per worker.
 * Late arrivals are caught up at no more than twice the asked rate, so a pause (SIGSTOP, a
 * stalled machine) shows as lag in the latencies and never as a burst. */
#ifndef TWSTORM_COMMON_LOOP_PACER_H
#define TWSTORM_COMMON_LOOP_PACER_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/rng.h"
#include "common/base/units.h"

enum arrivals { ARRIVALS_UNIFORM, ARRIVALS_POISSON };

struct pacer {
	struct rate rate; /* a second */
	double ramp_s;    /* over which from becomes to; the run's duration */
	enum arrivals kind;
	struct rng rng;   /* for poisson */
	uint64_t base_ns; /* when the run began */
	double position;  /* expected arrivals before the next one */
	uint64_t next_ns; /* intended time of the next arrival */
	double allowance; /* late ones that may be granted now: refills at twice the rate */
	uint64_t refilled_ns;
};

/* phase in [0,1): shifts the first arrival by that part of a gap, so that W workers with
 * phases 0/W, 1/W, ... interleave evenly (poisson arrivals do by themselves). */
void pacer_init(struct pacer *p, const struct rate *rate, double ramp_s,
		enum arrivals kind, uint64_t seed, double phase, uint64_t now_ns);
/* If an arrival is due at now_ns and may be granted, takes it, stores its intended time and
 * returns true. */
bool pacer_take_arrival(struct pacer *p, uint64_t now_ns, uint64_t *intended_ns);
/* When pacer_take_arrival() may next return true: now_ns itself or later. */
uint64_t pacer_next_ns(const struct pacer *p, uint64_t now_ns);
/* Drops every arrival due at or before now_ns; returns how many. */
uint64_t pacer_skip_arrivals(struct pacer *p, uint64_t now_ns);

#endif
