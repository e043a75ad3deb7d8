#include "common/loop/pacer.h"

#include <math.h>
#include <stdlib.h>
#include "common/base/clock.h"
#include "tests/check_main.h"

#define BASE 1000000000000ull /* any moment of the monotonic clock */

static struct pacer start(double from, double to, double ramp_s, enum arrivals kind,
			  double phase)
{
	const struct rate rate = { .from = from, .to = to };
	struct pacer p;

	pacer_init(&p, &rate, ramp_s, kind, 12345, phase, BASE);
	return p;
}

/* Takes all that is granted at a moment; arrivals must come in order and never early. */
static unsigned take_all(struct pacer *p, uint64_t now, uint64_t *last)
{
	uint64_t intended;
	unsigned n = 0;

	while (pacer_take_arrival(p, now, &intended)) {
		if (intended > now ||
		    intended < *last) /* ck_assert() costs a system call */
			ck_abort_msg("arrival at %llu of %llu", intended - BASE,
				     now - BASE);
		*last = intended;
		n++;
	}
	return n;
}

static const struct {
	const char *what;
	double from, to, ramp_s;
	enum arrivals kind;
	unsigned expected; /* in ten seconds */
	double tolerance;
} counts[] = {
	{ "10/s", 10, 10, 0, ARRIVALS_UNIFORM, 100, 0.01 },
	{ "100/s", 100, 100, 0, ARRIVALS_UNIFORM, 1000, 0.01 },
	{ "1000/s", 1000, 1000, 10, ARRIVALS_UNIFORM, 10000, 0.01 },
	{ "777.7/s", 777.7, 777.7, 0, ARRIVALS_UNIFORM, 7777, 0.01 },
	{ "100k/s", 1e5, 1e5, 0, ARRIVALS_UNIFORM, 1000000, 0.01 },
	{ "ramp up over all of it", 100, 1900, 10, ARRIVALS_UNIFORM, 10000, 0.01 },
	{ "ramp down over all of it", 1900, 100, 10, ARRIVALS_UNIFORM, 10000, 0.01 },
	{ "ramp over half, then constant", 1000, 3000, 5, ARRIVALS_UNIFORM, 25000, 0.01 },
	{ "random, 1000/s", 1000, 1000, 0, ARRIVALS_POISSON, 10000, 0.03 },
	{ "random, 100k/s", 1e5, 1e5, 0, ARRIVALS_POISSON, 1000000, 0.01 },
	{ "random, ramp", 100, 1900, 10, ARRIVALS_POISSON, 10000, 0.03 },
};

TEST_ROWS(grants_what_was_asked_for, counts)
{
	struct pacer p = start(row->from, row->to, row->ramp_s, row->kind, 0);
	double expected = row->expected;
	uint64_t now, last = 0;
	unsigned n = 0;

	for (now = BASE; now < BASE + 10 * NS_PER_S; now += NS_PER_MS)
		n += take_all(&p, now, &last);
	ck_assert_msg(fabs(n - expected) <= expected * row->tolerance, "%s: %u",
		      row->what, n);
}

static const struct {
	const char *what;
	double from, to, ramp_s, phase;
	unsigned k;
	double at_s; /* the integral of the rate up to then is k + phase */
} times[] = {
	{ "the first at once", 10, 10, 0, 0, 0, 0 },
	{ "the next a gap later", 10, 10, 0, 0, 1, 0.1 },
	{ "shifted by half a gap", 10, 10, 0, 0.5, 1, 0.15 },
	{ "far away", 1000, 1000, 0, 0.25, 12345, 12.34525 },
	{ "in a ramp up", 100, 300, 10, 0, 400, 3.0622577483 },
	{ "at its end", 100, 300, 10, 0, 2000, 10 },
	{ "after it", 100, 300, 10, 0, 2300, 11 },
	{ "in a ramp down", 300, 100, 10, 0, 1600, 6.9377422517 },
	{ "after it", 300, 100, 10, 0, 2100, 11 },
	{ "a ramp in no time", 300, 100, 0, 0, 100, 1 },
};

TEST_ROWS(places_the_kth_arrival, times)
{
	struct pacer p =
		start(row->from, row->to, row->ramp_s, ARRIVALS_UNIFORM, row->phase);
	uint64_t intended;
	double at_s;
	unsigned k;

	for (k = 0; k <= row->k; k++)
		ck_assert(pacer_take_arrival(&p, pacer_next_ns(&p, BASE), &intended));
	at_s = (double)(intended - BASE) / NS_PER_S;
	ck_assert_msg(fabs(at_s - row->at_s) < 1e-8, "%s: %.10f", row->what, at_s);
}

TEST(phases_interleave_evenly)
{
	uint64_t intended, expected;
	int k, w;

	for (k = 0; k < 50; k++) {
		for (w = 0; w < 4; w++) {
			struct pacer p = start(100, 100, 0, ARRIVALS_UNIFORM, w / 4.0);
			int i;

			for (i = 0; i <= k; i++)
				ck_assert(pacer_take_arrival(&p, pacer_next_ns(&p, BASE),
							     &intended));
			expected = BASE + (uint64_t)(4 * k + w) * 2500000;
			ck_assert_msg(llabs((long long)(intended - expected)) <= 1, "%d",
				      k);
		}
	}
}

TEST(poisson_gaps_are_exponential)
{
	struct pacer p = start(1000, 1000, 0, ARRIVALS_POISSON, 0);
	double gap, sum = 0, squares = 0, mean, variance;
	uint64_t now = BASE, before = BASE;
	const int n = 100000;
	int i;

	for (i = 0; i < n; i++) {
		now = pacer_next_ns(&p, now);
		ck_assert(pacer_take_arrival(&p, now, &now));
		gap = (double)(now - before) / NS_PER_MS;
		before = now;
		sum += gap;
		squares += gap * gap;
	}
	mean = sum / n;
	variance = squares / n - mean * mean;
	ck_assert_double_eq_tol(mean, 1, 0.02);
	ck_assert_double_eq_tol(variance, 1, 0.05);
}

TEST(same_seed_same_arrivals)
{
	struct pacer a = start(500, 5000, 3, ARRIVALS_POISSON, 0);
	struct pacer b = start(500, 5000, 3, ARRIVALS_POISSON, 0.5);
	uint64_t x = 0, y = 0, now = BASE;
	int i;

	for (i = 0; i < 1000; i++) {
		now = pacer_next_ns(&a, now);
		ck_assert(pacer_take_arrival(&a, now, &x));
		ck_assert(pacer_take_arrival(&b, now, &y));
		ck_assert_uint_eq(x, y);
	}
}

static const struct {
	const char *what;
	double from, to, ramp_s;
	enum arrivals kind;
} runs[] = {
	{ "one in a minute", 1 / 60.0, 1 / 60.0, 0, ARRIVALS_UNIFORM },
	{ "10/s", 10, 10, 0, ARRIVALS_UNIFORM },
	{ "100k/s", 1e5, 1e5, 0, ARRIVALS_UNIFORM },
	{ "ramp", 10, 10000, 2, ARRIVALS_UNIFORM },
	{ "random, 3/s", 3, 3, 0, ARRIVALS_POISSON },
	{ "random, 100k/s", 1e5, 1e5, 0, ARRIVALS_POISSON },
	{ "random, ramp down", 10000, 10, 2, ARRIVALS_POISSON },
};

TEST_ROWS(waking_at_next_ns_always_yields_an_arrival, runs)
{
	struct pacer p = start(row->from, row->to, row->ramp_s, row->kind, 0);
	uint64_t now = BASE, next, intended;
	int i;

	for (i = 0; i < 5000; i++) {
		next = pacer_next_ns(&p, now);
		ck_assert_uint_ge(next, now);
		if (next > now)
			ck_assert_msg(!pacer_take_arrival(&p, next - 1, &intended),
				      "%s: early", row->what);
		now = next;
		ck_assert_msg(pacer_take_arrival(&p, now, &intended), "%s: %d", row->what,
			      i);
		ck_assert_uint_eq(intended, now); /* and it is on time */
	}
}

TEST(waking_at_next_ns_works_after_a_pause_too)
{
	struct pacer p = start(1000, 1000, 0, ARRIVALS_UNIFORM, 0);
	uint64_t now = BASE + 5 * NS_PER_S, intended;
	int i;

	for (i = 0; i < 12000; i++) {
		ck_assert_uint_ge(pacer_next_ns(&p, now), now);
		now = pacer_next_ns(&p, now);
		ck_assert_msg(pacer_take_arrival(&p, now, &intended), "%d", i);
	}
	ck_assert_uint_eq(intended, BASE + 11999 * NS_PER_MS);
	ck_assert_uint_le(now - intended, 6 * NS_PER_MS); /* it has caught up */
}

#define TICKS 12000

static const struct {
	const char *what;
	double rate;
	unsigned most;      /* in a window of 100 ms */
	unsigned within_ms; /* it has caught up */
} pauses[] = {
	{ "1000/s", 1000, 210, 5100 },
	{ "20/s", 20, 6, 5300 },
	{ "20k/s", 20000, 4200, 5100 },
};

TEST_ROWS(a_pause_is_never_a_burst, pauses)
{
	struct pacer p = start(row->rate, row->rate, 0, ARRIVALS_UNIFORM, 0);
	static unsigned granted[TICKS];
	unsigned tick, window = 0, total = 0;
	uint64_t now = BASE, last = 0;

	total += take_all(&p, now, &last);
	for (tick = 0; tick < TICKS; tick++) {
		now = BASE + 5 * NS_PER_S + tick * NS_PER_MS;
		granted[tick] = take_all(&p, now, &last);
		total += granted[tick];
		window += granted[tick] - (tick >= 100 ? granted[tick - 100] : 0);
		ck_assert_msg(window <= row->most, "%s: %u in 100 ms at %u ms", row->what,
			      window, tick);
		if (tick >= row->within_ms) /* on time again: within a gap or 1 ms */
			ck_assert_msg(p.next_ns > now, "%s: late at %u ms", row->what,
				      tick);
	}
	/* nothing is lost: as many as the whole time asks for */
	ck_assert_uint_eq(total, (unsigned)((now - BASE) * row->rate / NS_PER_S) + 1);
}

TEST(random_arrivals_on_time_are_not_held_back)
{
	struct pacer p = start(10, 10, 0, ARRIVALS_POISSON, 0);
	uint64_t now = BASE, intended;

	for (; now < BASE + 200 * NS_PER_S; now += NS_PER_MS)
		while (pacer_take_arrival(&p, now, &intended))
			ck_assert_uint_lt(now - intended, NS_PER_MS);
}

TEST(slow_ticks_keep_the_rate)
{
	struct pacer p = start(1000, 1000, 0, ARRIVALS_UNIFORM, 0);
	uint64_t now, last = 0;
	unsigned n = 0;

	for (now = BASE; now < BASE + 10 * NS_PER_S; now += 10 * NS_PER_MS)
		n += take_all(&p, now, &last);
	ck_assert_uint_ge(n, 9980);
}

TEST(skip_drops_what_is_due)
{
	struct pacer p = start(1000, 1000, 0, ARRIVALS_UNIFORM, 0);
	uint64_t intended;

	ck_assert_uint_eq(pacer_skip_arrivals(&p, BASE - 1), 0);
	ck_assert_uint_eq(pacer_skip_arrivals(&p, BASE + 5 * NS_PER_S), 5001);
	ck_assert_uint_eq(pacer_skip_arrivals(&p, BASE + 5 * NS_PER_S), 0);
	ck_assert(!pacer_take_arrival(&p, BASE + 5 * NS_PER_S, &intended));
	ck_assert(pacer_take_arrival(&p, BASE + 5 * NS_PER_S + NS_PER_MS, &intended));
	ck_assert_uint_eq(intended, BASE + 5 * NS_PER_S + NS_PER_MS);
}

TEST(time_before_the_start_grants_nothing)
{
	struct pacer p = start(1000, 2000, 10, ARRIVALS_UNIFORM, 0);
	uint64_t intended;

	ck_assert(!pacer_take_arrival(&p, BASE - 1, &intended));
	ck_assert(!pacer_take_arrival(&p, 0, &intended));
	ck_assert_uint_eq(pacer_next_ns(&p, 0), BASE);
	ck_assert(pacer_take_arrival(&p, BASE, &intended));
}

CHECK_MAIN("pacer")
