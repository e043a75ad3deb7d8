/* What counting may cost: at each tick the dearest count that keeps to the budget. */
#include "common/kernel/sample_pace.h"

#include "common/base/clock.h"
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *what;
	double budget;
	uint64_t full_us, live_us;
	bool waiting;
	unsigned full, live; /* of 1000 ticks of 100 ms; a tenth more or less */
} loads[] = {
	{ "next to nothing", 0.01, 160, 150, true, 1000, 0 },
	{ "just what a tick may cost", 0.01, 990, 500, true, 1000, 0 },
	{ "a little more", 0.01, 2000, 500, true, 250, 750 },
	{ "60,000 in TIME_WAIT", 0.01, 18500, 3800, true, 27, 130 },
	{ "60,000 established", 0.01, 18500, 18500, false, 27, 0 },
	{ "500,000", 0.01, 146000, 40000, true, 4, 11 },
	{ "500,000, a tenth of a core", 0.1, 146000, 40000, true, 35, 125 },
	{ "500,000, all of a core", 1, 90000, 40000, true, 1000, 0 },
};
/* clang-format on */

struct spent {
	unsigned full, live;
	uint64_t ns;
};

static struct spent run(int i)
{
	struct sample_pace p = { .tick_ns = 100 * NS_PER_MS, .budget = loads[i].budget };
	struct spent s = { 0 };

	for (uint64_t tick = 0; tick < 1000; tick++) {
		uint64_t now = NS_PER_S + tick * p.tick_ns, cost = 0;
		enum sample_kind kind = sample_pace_next(&p, now, loads[i].waiting);

		if (kind == SAMPLE_FULL)
			cost = loads[i].full_us * NS_PER_US;
		else if (kind == SAMPLE_LIVE)
			cost = loads[i].live_us * NS_PER_US;
		s.full += kind == SAMPLE_FULL;
		s.live += kind == SAMPLE_LIVE;
		s.ns += cost;
		if (kind != SAMPLE_TOTAL)
			sample_pace_spent(&p, kind, cost, now + cost);
	}
	return s;
}

static bool about(unsigned n, unsigned wanted)
{
	return 10 * n >= 9 * wanted && 10 * n <= 11 * wanted + 10;
}

TEST_ROWS(as_often_as_it_is_cheap, loads)
{
	struct spent s = run(_i);

	ck_assert_msg(about(s.full, row->full), "%s: %u full", row->what, s.full);
	ck_assert_msg(about(s.live, row->live), "%s: %u live", row->what, s.live);
}

/* The first of each kind is taken to learn what it costs. */
TEST_ROWS(it_keeps_to_the_budget, loads)
{
	struct spent s = run(_i);
	double most = row->budget * 1000 * 0.1 * NS_PER_S;

	most += (double)(row->full_us + row->live_us) * NS_PER_US;
	ck_assert_msg((double)s.ns <= most, "%s: %.1f ms", row->what,
		      (double)s.ns / NS_PER_MS);
}

/* What was asked for by somebody else is paid for, too. */
TEST(a_dump_out_of_turn_counts)
{
	struct sample_pace p = { .tick_ns = 100 * NS_PER_MS, .budget = 0.01 };

	sample_pace_spent(&p, SAMPLE_FULL, 10 * NS_PER_MS, NS_PER_S);
	ck_assert_int_eq(sample_pace_next(&p, NS_PER_S + 1900 * NS_PER_MS, false),
			 SAMPLE_TOTAL);
	ck_assert_int_eq(sample_pace_next(&p, NS_PER_S + 1900 * NS_PER_MS, true),
			 SAMPLE_LIVE);
	ck_assert_int_eq(sample_pace_next(&p, NS_PER_S + 2001 * NS_PER_MS, true),
			 SAMPLE_FULL);
}

CHECK_MAIN("sample_pace")
