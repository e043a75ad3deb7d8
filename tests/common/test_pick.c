/* Which target, source and strategy the next connection has. */
#include "common/ports/pick.h"

#include <stdlib.h>
#include <string.h>
#include "common/talk/closing.h"
#include "tests/check_main.h"

#define MOST 16

static struct pick_plan plan_of(unsigned targets, unsigned sources, unsigned workers,
				enum spread spread, const char *mix)
{
	struct pick_plan p = { .n_targets = targets,
			       .n_sources = sources ? sources : 1,
			       .workers = workers,
			       .spread = spread,
			       .seed = 1 };

	ck_assert_int_eq(closing_mix_parse(mix, &p.mix, NULL), 0);
	return p;
}

static void start(struct pick *p, const struct pick_plan *plan, unsigned nth)
{
	struct err err;

	ck_assert_int_eq(pick_init(p, plan, nth, &err), 0);
}

static const struct {
	const char *what;
	unsigned targets, sources, workers;
} shapes[] = {
	{ "one target", 1, 0, 1 },
	{ "eight targets", 8, 0, 1 },
	{ "one target, four sources", 1, 4, 1 },
	{ "three targets, two sources", 3, 2, 1 },
	{ "two of each", 2, 2, 1 },
	{ "four of each", 4, 4, 1 },
	{ "six and four", 6, 4, 1 },
	{ "two workers, one target", 1, 0, 2 },
	{ "two workers, two targets", 2, 0, 2 },
	{ "two workers, two of each", 2, 2, 2 },
	{ "three workers, four targets", 4, 0, 3 },
	{ "four workers, six and four", 6, 4, 4 },
};

/* All workers together, a few rounds each. */
TEST_ROWS(all_pairs_come_up_equally_often, shapes)
{
	struct pick_plan plan = plan_of(row->targets, row->sources, row->workers,
					SPREAD_ROUND_ROBIN, "client-fin");
	unsigned sources = (unsigned)plan.n_sources;
	unsigned pairs = row->targets * sources, got[MOST][MOST] = { 0 };

	for (unsigned w = 0; w < plan.workers; w++) {
		struct pick p;
		struct choice c;

		start(&p, &plan, w);
		for (unsigned k = 0; k < 5 * pairs; k++) {
			pick_next(&p, &c);
			if (c.target >= row->targets || c.source >= sources)
				ck_abort_msg("%u, %u", c.target, c.source);
			got[c.target][c.source]++;
		}
		pick_done(&p);
	}
	for (unsigned t = 0; t < row->targets; t++)
		for (unsigned s = 0; s < sources; s++)
			ck_assert_msg(got[t][s] == 5 * plan.workers, "%s: %u, %u: %u",
				      row->what, t, s, got[t][s]);
}

/* Workers take turns at one sequence: nobody picks what another does. */
TEST(workers_share_one_sequence)
{
	struct pick_plan alone =
		plan_of(7, 3, 1, SPREAD_ROUND_ROBIN, "client-fin:3,client-rst:2");
	struct pick_plan many =
		plan_of(7, 3, 4, SPREAD_ROUND_ROBIN, "client-fin:3,client-rst:2");
	struct pick one, w[4];
	struct choice a, b;

	start(&one, &alone, 0);
	for (unsigned i = 0; i < 4; i++)
		start(&w[i], &many, i);
	for (unsigned k = 0; k < 400; k++) {
		pick_next(&one, &a);
		pick_next(&w[k % 4], &b);
		if (a.target != b.target || a.source != b.source ||
		    a.closing != b.closing)
			ck_abort_msg("connection %u", k);
	}
	pick_done(&one);
	for (unsigned i = 0; i < 4; i++)
		pick_done(&w[i]);
}

/* clang-format off */
static const struct {
	const char *what, *mix;
	unsigned targets, sources;
	enum spread spread;
} mixes[] = {
	{ "thirds over two", "client-fin:1,client-rst:2", 2, 0, SPREAD_ROUND_ROBIN },
	{ "half and half over two", "client-fin:50,client-rst:50", 2, 0, SPREAD_ROUND_ROBIN },
	{ "half and half over eight", "client-fin:50,client-rst:50", 8, 0, SPREAD_ROUND_ROBIN },
	{ "nine to one over ten", "client-fin:90,client-rst:10", 10, 0, SPREAD_ROUND_ROBIN },
	{ "half and half over two sources", "client-fin:50,client-rst:50", 1, 2, SPREAD_ROUND_ROBIN },
	{ "half and half at random", "client-fin:50,client-rst:50", 2, 0, SPREAD_RANDOM },
};
/* clang-format on */

/* Or all of the TIME_WAIT lands on some targets and ports run out far too early. */
TEST_ROWS(every_target_gets_its_share_of_each_strategy, mixes)
{
	struct pick_plan plan =
		plan_of(row->targets, row->sources, 1, row->spread, row->mix);
	unsigned sources = row->sources ? row->sources : 1;
	unsigned places = row->targets * sources, n = 1000 * places;
	double share = (double)plan.mix.part[0].weight / plan.mix.total;
	unsigned first[MOST * MOST] = { 0 };
	struct pick p;
	struct choice c;

	start(&p, &plan, 0);
	for (unsigned k = 0; k < n; k++) {
		pick_next(&p, &c);
		first[c.target * sources + c.source] +=
			c.closing == plan.mix.part[0].closing;
	}
	for (unsigned i = 0; i < places; i++)
		ck_assert_msg(first[i] > 1000 * share * 0.8 &&
				      first[i] < 1000 * share * 1.2,
			      "%s: place %u has %u of 1000, not %.0f", row->what, i,
			      first[i], 1000 * share);
	pick_done(&p);
}

TEST(random_targets_are_fair_and_repeatable)
{
	struct pick_plan plan = plan_of(5, 0, 2, SPREAD_RANDOM, "client-fin");
	unsigned got[5] = { 0 }, differ = 0;
	struct pick p, same, other;
	struct choice a, b, c;

	start(&p, &plan, 0);
	start(&same, &plan, 0);
	start(&other, &plan, 1);
	for (unsigned k = 0; k < 10000; k++) {
		pick_next(&p, &a);
		pick_next(&same, &b);
		pick_next(&other, &c);
		if (a.target >= 5 || a.target != b.target)
			ck_abort_msg("connection %u", k);
		got[a.target]++;
		differ += a.target != c.target;
	}
	for (unsigned t = 0; t < 5; t++)
		ck_assert_msg(got[t] > 1800 && got[t] < 2200, "%u: %u", t, got[t]);
	ck_assert_uint_gt(differ, 7000);
	pick_done(&p);
	pick_done(&same);
	pick_done(&other);
}

TEST(least_is_the_least_busy)
{
	struct pick_plan plan = plan_of(4, 0, 1, SPREAD_LEAST, "client-fin");
	unsigned got[4] = { 0 };
	struct pick p;
	struct choice c;

	start(&p, &plan, 0);
	for (unsigned k = 0; k < 40; k++) { /* nothing ends: all equally busy */
		pick_next(&p, &c);
		got[c.target]++;
	}
	for (unsigned t = 0; t < 4; t++)
		ck_assert_uint_eq(got[t], 10);
	pick_connection_over(&p, 2);
	pick_next(&p, &c);
	ck_assert_uint_eq(c.target, 2);
	for (int i = 0; i < 5; i++) { /* target 1 is the quick one */
		pick_connection_over(&p, 1);
		pick_next(&p, &c);
		ck_assert_uint_eq(c.target, 1);
	}
	pick_done(&p);
}

TEST(least_takes_turns_when_all_are_idle)
{
	struct pick_plan plan = plan_of(4, 0, 1, SPREAD_LEAST, "client-fin");
	unsigned got[4] = { 0 };
	struct pick p;
	struct choice c;

	start(&p, &plan, 0);
	for (unsigned k = 0; k < 100; k++) {
		pick_next(&p, &c);
		pick_connection_over(&p, c.target);
		got[c.target]++;
	}
	for (unsigned t = 0; t < 4; t++)
		ck_assert_uint_eq(got[t], 25);
	pick_done(&p);
	pick_done(&p);
}

/* clang-format off */
static const struct {
	const char *what;
	unsigned targets, sources, workers, ports;
	bool reuseaddr;
} turns[] = {
	{ "one target", 1, 0, 1, 7, false },
	{ "four targets", 4, 0, 1, 7, false },
	{ "four targets share a port", 4, 0, 1, 7, true },
	{ "three sources", 1, 3, 1, 7, false },
	{ "three sources, two targets", 2, 3, 1, 7, true },
	{ "two workers, two targets", 2, 0, 2, 9, true },
	{ "two workers, two sources", 1, 2, 2, 9, false },
	{ "four workers, six and four", 6, 4, 4, 11, true },
	{ "a port each", 2, 2, 3, 3, false },
};
/* clang-format on */

/* Of our own ports none comes up again for a tuple before all have, and each has one worker. */
TEST_ROWS(ports_in_turn, turns)
{
	struct pick_plan plan = plan_of(row->targets, row->sources, row->workers,
					SPREAD_ROUND_ROBIN, "client-fin");
	unsigned sources = (unsigned)plan.n_sources;
	unsigned per_port = row->reuseaddr ? 1 : row->targets;
	unsigned pairs = sources * row->targets, used[MOST * MOST][MOST] = { { 0 } };
	uint16_t ports[MOST];

	for (unsigned i = 0; i < row->ports; i++)
		ports[i] = (uint16_t)(40000 + i);
	plan.own_ports = (struct own_ports){ .at = ports, .n = row->ports };
	plan.reuseaddr = row->reuseaddr;
	for (unsigned w = 0; w < plan.workers; w++) {
		struct choice c;
		struct pick p;

		start(&p, &plan, w);
		for (unsigned k = 0; k < 2 * pairs * p.n_ports; k++) {
			pick_next(&p, &c);
			used[plan.reuseaddr ? c.source * row->targets + c.target
					    : c.source][c.port - 40000]++;
		}
		pick_done(&p);
	}
	for (unsigned t = 0; t < pairs / per_port; t++)
		for (unsigned i = 0; i < row->ports; i++)
			ck_assert_msg(used[t][i] == 2 * per_port,
				      "%s: tuple %u, port %u: %u times", row->what, t, i,
				      used[t][i]);
}

/* A port that another socket has is passed over, until this run had it or a whole round is lost. */
TEST(a_port_is_another_s_or_none_is_left)
{
	struct pick_plan plan = plan_of(1, 1, 1, SPREAD_ROUND_ROBIN, "client-fin");
	uint16_t ports[] = { 40000, 40001, 40002 };
	struct choice c;
	struct pick p;

	plan.own_ports = (struct own_ports){ .at = ports, .n = 3 };
	start(&p, &plan, 0);
	for (unsigned round = 0; round < 3; round++) {
		pick_next(&p, &c);
		ck_assert_int_eq(c.port, 40000);
		ck_assert_int_eq(pick_port_missed(&p, &c), false);
		pick_next(&p, &c);
		pick_port_had(&p, &c);
		pick_next(&p, &c);
		ck_assert_int_eq(pick_port_missed(&p, &c), false);
	}
	for (unsigned i = 0; i < 2; i++)
		pick_next(&p, &c);
	ck_assert_int_eq(c.port, 40001);
	ck_assert_int_eq(pick_port_missed(&p, &c), true);
	pick_done(&p);
}

TEST(a_round_without_a_port_is_the_end)
{
	struct pick_plan plan = plan_of(2, 1, 1, SPREAD_ROUND_ROBIN, "client-fin");
	uint16_t ports[] = { 40000, 40001, 40002 };
	struct choice c;
	struct pick p;

	plan.own_ports = (struct own_ports){ .at = ports, .n = 3 };
	plan.reuseaddr = true; /* each target has its own round */
	start(&p, &plan, 0);
	for (unsigned i = 0; i < 8; i++) {
		pick_next(&p, &c);
		ck_assert_int_eq(pick_port_missed(&p, &c), i >= 4);
	}
	pick_next(&p, &c); /* one comes free */
	pick_port_had(&p, &c);
	pick_next(&p, &c);
	pick_next(&p, &c);
	ck_assert_int_eq(pick_port_missed(&p, &c), false);
	pick_done(&p);
}

TEST(where_the_kernel_chooses_none_is_left)
{
	struct pick_plan plan = plan_of(1, 1, 1, SPREAD_ROUND_ROBIN, "client-fin");
	struct choice c;
	struct pick p;

	start(&p, &plan, 0);
	pick_next(&p, &c);
	pick_port_had(&p, &c);
	ck_assert_int_eq(pick_port_missed(&p, &c), true);
	pick_done(&p);
}

/* What is left out gets nothing, the others as much as each other; then all do again. */
static const enum spread spreads[] = { SPREAD_ROUND_ROBIN, SPREAD_RANDOM, SPREAD_LEAST };

static void count_picks(struct pick *p, unsigned n, unsigned got[4])
{
	struct choice c;

	memset(got, 0, 4 * sizeof(got[0]));
	for (unsigned k = 0; k < n; k++) {
		pick_next(p, &c);
		pick_connection_over(p, c.target);
		got[c.target]++;
	}
}

TEST_ROWS(a_target_that_is_left_out_gets_nothing, spreads)
{
	struct pick_plan plan = plan_of(4, 0, 1, *row, "client-fin");
	unsigned got[4];
	struct pick p;

	start(&p, &plan, 0);
	pick_leave_out(&p, 1);
	pick_leave_out(&p, 1);
	count_picks(&p, 3000, got);
	ck_assert_uint_eq(got[1], 0);
	for (unsigned t = 0; t < 4; t++)
		ck_assert(t == 1 || (got[t] > 900 && got[t] < 1100));
	for (unsigned k = 0; k < 20; k++)
		ck_assert_uint_ne(pick_target(&p), 1);
	pick_leave_out(&p, 3);
	pick_take_in(&p, 1);
	pick_take_in(&p, 3);
	pick_take_in(&p, 3);
	ck_assert_uint_eq(p.n_present, 4);
	count_picks(&p, 4000, got);
	for (unsigned t = 0; t < 4; t++)
		ck_assert(got[t] > 900 && got[t] < 1100);
	pick_done(&p);
}

TEST(a_target_can_be_named)
{
	struct pick_plan plan = plan_of(3, 2, 1, SPREAD_ROUND_ROBIN, "client-fin");
	unsigned sources[2] = { 0 };
	struct pick p;
	struct choice c;

	start(&p, &plan, 0);
	for (unsigned t = 0; t < 3; t++)
		pick_leave_out(&p, t);
	for (unsigned k = 0; k < 10; k++) {
		pick_for(&p, 2, &c);
		ck_assert_uint_eq(c.target, 2);
		sources[c.source]++;
	}
	ck_assert_uint_eq(p.in_flight[2], 10);
	ck_assert_uint_eq(sources[0], 5);
	pick_done(&p);
}

TEST(a_pair_that_is_left_out_leaves_the_others)
{
	struct pick_plan plan = plan_of(2, 3, 1, SPREAD_ROUND_ROBIN, "client-fin");
	unsigned got[2][3] = { { 0 } };
	struct pick p;
	struct choice c;

	start(&p, &plan, 0);
	ck_assert(pick_pair_out(&p, 1, 0));
	ck_assert(pick_pair_out(&p, 1, 0));
	for (unsigned k = 0; k < 600; k++) {
		pick_next(&p, &c);
		got[c.target][c.source]++;
	}
	ck_assert_uint_eq(got[1][0], 0);
	ck_assert_uint_eq(got[1][1] + got[1][2], 300);
	for (unsigned s = 0; s < 3; s++)
		ck_assert_uint_eq(got[0][s], 100);
	ck_assert(pick_pair_out(&p, 1, 1) && pick_has_source(&p, 1));
	ck_assert(pick_pair_out(&p, 1, 2) && !pick_has_source(&p, 1));
	ck_assert(pick_has_source(&p, 0));
	pick_pair_in(&p, 1, 2);
	pick_for(&p, 1, &c);
	ck_assert_uint_eq(c.source, 2);
	pick_done(&p);
}

CHECK_MAIN("pick")
