/* ports_formula - when ports run out by a closed formula, for plain cases: every connection is
 * like the mean one, and every pair of source and target like another.  An oracle for the
 * simulation. */
#ifndef TWSTORM_TESTS_COMMON_PORTS_FORMULA_H
#define TWSTORM_TESTS_COMMON_PORTS_FORMULA_H

#include <math.h>
#include <stdbool.h>
#include "common/base/clock.h"
#include "common/ports/lives.h"
#include "common/ports/ports.h"

#define FORMULA_STEPS 20000

/* The formula knows no turns, no buckets, no waves of places, no pool, no luck. */
static bool formula_holds(const struct ports_facts *f, const struct ports_prediction *p)
{
	return !f->own_port && !f->early_bind && !f->time_wait_unsure &&
	       f->load.rate.from > 0 && f->load.arrivals == ARRIVALS_UNIFORM &&
	       !f->load.pool && f->max_tw_buckets >= p->budget &&
	       (f->load.hold_ns == 0 || f->load.concurrency >= 20000);
}

static double formula_started(const struct ports_facts *f, double t)
{
	double run_s = (double)f->load.duration_ns / NS_PER_S, n;
	const struct rate *r = &f->load.rate;

	if (t <= 0)
		return 0;
	if (t > run_s)
		t = run_s;
	n = r->from * t + (r->to - r->from) * t * t / (2 * run_s);
	return f->load.limited && n > (double)f->load.limit ? (double)f->load.limit : n;
}

static double formula_in_use(const struct ports_facts *f, double t)
{
	double open_s = (double)f->load.hold_ns / NS_PER_S, sum = 0;

	for (int life = 0; life < PORT_LIVES; life++)
		sum += closing_mix_share(&f->load.pick.mix, (enum port_life)life) *
		       (formula_started(f, t) -
			formula_started(
				f, t - open_s -
					   lives_kept_s(f, (enum port_life)life, false)));
	return sum;
}

/* The first moment at which all ports but `taken` are in use; < 0 = never. */
static double formula_exhaustion(const struct ports_facts *f, double available)
{
	double run_s = (double)f->load.duration_ns / NS_PER_S, lo = 0, hi = 0;

	if (f->load.limited && available >= (double)f->load.limit)
		return -1;
	for (int i = 1; i <= FORMULA_STEPS && formula_in_use(f, hi) < available; i++) {
		lo = hi;
		hi = i * run_s / FORMULA_STEPS;
	}
	if (formula_in_use(f, hi) < available)
		return -1;
	for (int i = 0; i < 50; i++) {
		double mid = (lo + hi) / 2;

		if (formula_in_use(f, mid) < available)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

#endif
