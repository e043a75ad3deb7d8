#include "common/loop/pacer.h"

#include <math.h>
#include "common/base/clock.h"

/* An arrival this late is still on time: a timer tick and a busy loop cost so much.  It is
 * also what one call may catch up at once, so a pause never shows as more than twice the
 * rate and 2 * SLACK_S worth of arrivals (10 ms' worth) over any window. */
#define SLACK_S  0.005
#define CATCH_UP 2.0

/* Seconds after the start at which `position` arrivals are expected to have come: the
 * inverse of the integral of the rate, a quadratic during the ramp, linear after it. */
static double time_of(const struct pacer *p, double position)
{
	double a = p->rate.from, b = p->rate.to, t = p->ramp_s;
	double in_ramp = (a + b) / 2 * t;

	if (position <= 0)
		return 0;
	if (position >= in_ramp)
		return t + (position - in_ramp) / b;
	return 2 * position / (a + sqrt(a * a + 2 * (b - a) / t * position));
}

static double rate_at(const struct pacer *p, uint64_t now_ns)
{
	double s = now_ns > p->base_ns ? (double)(now_ns - p->base_ns) / NS_PER_S : 0;

	if (s >= p->ramp_s)
		return p->rate.to;
	return p->rate.from + (p->rate.to - p->rate.from) * s / p->ramp_s;
}

/* Arrivals in SLACK_S, and never less than one. */
static double slack_at(double rate)
{
	return fmax(1, rate * SLACK_S);
}

static void place_next(struct pacer *p)
{
	p->next_ns = p->base_ns + (uint64_t)llround(time_of(p, p->position) * NS_PER_S);
}

static void advance(struct pacer *p)
{
	p->position += p->kind == ARRIVALS_POISSON ? rng_exp(&p->rng) : 1;
	place_next(p);
}

void pacer_init(struct pacer *p, const struct rate *rate, double ramp_s,
		enum arrivals kind, uint64_t seed, double phase, uint64_t now_ns)
{
	*p = (struct pacer){
		.rate = *rate,
		.ramp_s = ramp_s > 0 && rate->from != rate->to ? ramp_s : 0,
		.kind = kind,
		.base_ns = now_ns,
		.refilled_ns = now_ns,
	};
	rng_seed(&p->rng, seed);
	p->position = kind == ARRIVALS_POISSON ? rng_exp(&p->rng) : phase;
	p->allowance = slack_at(rate_at(p, now_ns));
	place_next(p);
}

/* What the allowance has grown to at now_ns. */
static double allowance_at(const struct pacer *p, uint64_t now_ns)
{
	double rate = rate_at(p, now_ns), more = 0;

	if (now_ns > p->refilled_ns)
		more = CATCH_UP * rate * (double)(now_ns - p->refilled_ns) / NS_PER_S;
	return fmin(slack_at(rate), p->allowance + more);
}

/* Whether an arrival that is due is due just now rather than left over from a pause. */
static bool on_time(const struct pacer *p, uint64_t now_ns)
{
	double rate = rate_at(p, now_ns);

	return (double)(now_ns - p->next_ns) / NS_PER_S * rate <= slack_at(rate);
}

bool pacer_take_arrival(struct pacer *p, uint64_t now_ns, uint64_t *intended_ns)
{
	if (p->next_ns > now_ns)
		return false;
	p->allowance = allowance_at(p, now_ns);
	p->refilled_ns = now_ns > p->refilled_ns ? now_ns : p->refilled_ns;
	if (p->allowance < 1 && !on_time(p, now_ns))
		return false;
	p->allowance = fmax(0, p->allowance - 1);
	*intended_ns = p->next_ns;
	advance(p);
	return true;
}

uint64_t pacer_next_ns(const struct pacer *p, uint64_t now_ns)
{
	double missing;

	if (p->next_ns > now_ns)
		return p->next_ns;
	missing = 1 - allowance_at(p, now_ns);
	if (missing <= 0 || on_time(p, now_ns))
		return now_ns;
	/* One nanosecond more, so that rounding does not leave the allowance just below 1. */
	return now_ns + 1 +
	       (uint64_t)ceil(missing / (CATCH_UP * rate_at(p, now_ns)) * NS_PER_S);
}

uint64_t pacer_skip_arrivals(struct pacer *p, uint64_t now_ns)
{
	uint64_t skipped = 0;

	for (; p->next_ns <= now_ns; skipped++)
		advance(p);
	return skipped;
}
