/* A target that fails is set aside, is probed after a wait that doubles, and comes back; one that is
 * silent has no more than its share of the places; a pair without ports is aside, not its target. */
#include "client/aside.h"

#include <stdlib.h>
#include "client/plan.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/kernel/addr_list.h"
#include "common/talk/outcome.h"
#include "tests/check_main.h"

#define MS NS_PER_MS

static struct client_plan plan;
static struct client_worker *w;
static uint64_t now_ns;

static void on_event(void *arg)
{
	(void)arg;
}

static void begin(const char *targets, const char *sources, uint64_t concurrency)
{
	struct err err;

	plan = (struct client_plan){ .transport = &transport_tcp,
				     .workers = 1,
				     .o.concurrency = concurrency,
				     .o.duration_ns = 20 * NS_PER_S,
				     .o.timeout_ns = 5 * NS_PER_S,
				     .o.requests = 1,
				     .failover = true,
				     .ranks = 1,
				     .seed = 1 };
	ck_assert_int_eq(addr_parse_list(targets, false, &plan.targets, &err), 0);
	ck_assert_int_eq(targets_make(&plan.books, &plan.targets, &err), 0);
	if (sources)
		ck_assert_int_eq(addr_parse_sources(sources, &plan.sources, &err), 0);
	ck_assert_int_eq(closing_mix_parse("client-fin", &plan.mix, &err), 0);
	w = calloc(1, sizeof(*w));
	ck_assert_int_eq(client_worker_init(w, &plan, 0, &err), 0);
	w->on_event = on_event;
	now_ns = NS_PER_S;
}

static void done(void)
{
	client_worker_done(w);
	free(w);
	client_plan_done(&plan);
}

/* A connection begins; where it goes. */
static uint32_t picks(struct slot *s)
{
	s->connected = false;
	s->began_ns = now_ns;
	aside_pick(&w->aside, s, now_ns);
	return s->choice.target;
}

static void ends(struct slot *s, enum outcome o)
{
	s->outcome = (uint8_t)o;
	pick_connection_over(&w->pick, s->choice.target);
	client_worker_failed(w, s, now_ns, 1000);
}

static void is_answered(struct slot *s)
{
	s->connected = true;
	aside_answered(&w->aside, s, now_ns);
	client_worker_connected(w, now_ns);
}

/* One connection after the other for so long; `bad` refuses.  How many went there. */
static unsigned run_ms(unsigned ms, uint32_t bad)
{
	unsigned there = 0;

	for (unsigned i = 0; i < ms; i++, now_ns += MS) {
		struct slot *s = &w->slots[0];

		if (w->backing_off && now_ns < w->resume_ns)
			continue;
		if (picks(s) == bad) {
			there++;
			ends(s, OUTCOME_REFUSED);
		} else {
			is_answered(s);
			pick_connection_over(&w->pick, s->choice.target);
		}
	}
	return there;
}

TEST(a_target_that_refuses_costs_a_few_probes)
{
	begin("127.0.0.1:9000-9003", NULL, 64);
	/* 0, 100, 300, 700, 1500, 3100, 5100 ms after the first */
	ck_assert_uint_eq(run_ms(6000, 2), 7);
	ck_assert_uint_eq(tally_get(&w->targets[2].set_aside), 1);
	ck_assert_uint_eq(tally_get(&w->targets[2].probes), 6);
	ck_assert_uint_eq(tally_get(&w->targets[2].back), 0);
	ck_assert_uint_eq(w->pick.n_present, 3);
	ck_assert_uint_eq(run_ms(2100, ANY_TARGET), 0); /* it serves again */
	ck_assert_uint_eq(tally_get(&w->targets[2].back), 1);
	ck_assert_uint_eq(w->pick.n_present, 4);
	ck_assert(tally_get(&w->targets[2].aside_ns) > 6 * NS_PER_S);
	done();
}

TEST(one_failure_of_many_at_once_counts_once)
{
	begin("127.0.0.1:9000-9001", NULL, 64);
	for (unsigned i = 0; i < 20; i++)
		picks(&w->slots[i]);
	for (unsigned i = 0; i < 20; i++)
		is_answered(&w->slots[i]);
	now_ns += MS;
	for (unsigned i = 0; i < 20; i++)
		if (w->slots[i].choice.target == 1)
			ends(&w->slots[i], OUTCOME_RESET);
	ck_assert_uint_eq(tally_get(&w->targets[1].set_aside), 1);
	ck_assert_uint_eq(w->aside.at[1].wait_ns, 100 * MS);
	/* What was reset is only known to work when it has served. */
	now_ns += 100 * MS;
	ck_assert_uint_eq(picks(&w->slots[0]), 1);
	ck_assert(w->slots[0].probe);
	is_answered(&w->slots[0]);
	ck_assert_uint_eq(w->pick.n_present, 1);
	for (unsigned i = 1; i < 9; i++) /* one probe at a time */
		ck_assert_uint_eq(picks(&w->slots[i]), 0);
	aside_served(&w->aside, &w->slots[0], now_ns);
	ck_assert_uint_eq(w->pick.n_present, 2);
	done();
}

TEST(a_connection_that_was_a_probe_is_none_once_its_target_is_back)
{
	struct slot *first, *second;

	begin("127.0.0.1:9000-9001", NULL, 64);
	first = &w->slots[0];
	second = &w->slots[1];
	while (picks(first) != 1)
		is_answered(first);
	ends(first, OUTCOME_REFUSED);
	now_ns += 100 * MS;
	ck_assert_uint_eq(picks(first), 1);
	is_answered(first);
	while (picks(second) != 1)
		is_answered(second);
	ends(second, OUTCOME_REFUSED); /* it fails again, and is probed */
	now_ns += NS_PER_S;
	ck_assert_uint_eq(picks(second), 1);
	ck_assert(second->probe);
	ends(first, OUTCOME_STALE);
	ck_assert(w->aside.at[1].probing);
	done();
}

TEST(a_probe_is_due_when_its_time_has_come_and_not_a_pairs)
{
	begin("127.0.0.1:9000-9001", "127.0.0.1,127.0.0.2", 64);
	while (picks(&w->slots[0]) != 1)
		is_answered(&w->slots[0]);
	ends(&w->slots[0], OUTCOME_REFUSED);
	ck_assert_uint_eq(picks(&w->slots[1]), 0);
	ends(&w->slots[1], OUTCOME_NO_PORT);
	now_ns +=
		50 * MS; /* the pair may be picked again, the target not yet be probed */
	ck_assert(!aside_due(&w->aside, now_ns));
	ck_assert_uint_eq(picks(&w->slots[2]), 0);
	ck_assert(!aside_due(&w->aside, now_ns));
	now_ns += 50 * MS;
	ck_assert(aside_due(&w->aside, now_ns));
	done();
}

TEST(a_target_that_flaps_waits_longer)
{
	begin("127.0.0.1:9000-9001", NULL, 64);
	for (unsigned i = 0; i < 200; i++) /* down and up, 100 ms each */
		run_ms(100, i % 2 ? ANY_TARGET : 1);
	ck_assert(tally_get(&w->targets[1].set_aside) >= 2);
	ck_assert_msg(
		tally_get(&w->targets[1].probes) + tally_get(&w->targets[1].set_aside) <
			60,
		"%llu probes", (unsigned long long)tally_get(&w->targets[1].probes));
	done();
}

TEST(a_silent_target_has_its_share_of_places)
{
	unsigned there = 0;

	begin("127.0.0.1:9000-9003", NULL, 64);
	for (unsigned i = 0; i < 64; i++) {
		if (picks(&w->slots[i]) == 3)
			there++;
		else
			is_answered(&w->slots[i]);
	}
	ck_assert_uint_eq(there, 16);
	ck_assert_uint_eq(tally_get(&w->targets[3].set_aside), 0);
	for (unsigned i = 0; i < 64; i++) /* it answers at last */
		if (w->slots[i].choice.target == 3)
			is_answered(&w->slots[i]);
	ck_assert_uint_eq(w->pick.n_present, 4);
	done();
}

TEST(a_silent_target_is_set_aside_when_the_first_times_out)
{
	begin("127.0.0.1:9000-9003", NULL, 64);
	for (unsigned i = 0; i < 64; i++)
		if (picks(&w->slots[i]) != 3)
			is_answered(&w->slots[i]);
	now_ns += NS_PER_S;
	for (unsigned i = 0; i < 64; i++)
		if (w->slots[i].choice.target == 3)
			ends(&w->slots[i], OUTCOME_CONNECT_TIMEOUT);
	ck_assert_uint_eq(tally_get(&w->targets[3].set_aside), 1);
	ck_assert_uint_eq(w->pick.n_present, 3);
	ck_assert(!w->backing_off);
	done();
}

TEST(without_any_target_the_worker_waits_for_the_first_probe)
{
	begin("127.0.0.1:9000-9001", NULL, 64);
	for (unsigned i = 0; i < 2; i++) {
		picks(&w->slots[i]);
		ends(&w->slots[i], OUTCOME_REFUSED);
	}
	ck_assert(w->backing_off);
	ck_assert_uint_eq(w->resume_ns, now_ns + 100 * MS);
	now_ns += 100 * MS;
	picks(&w->slots[0]);
	ck_assert(w->slots[0].probe);
	is_answered(&w->slots[0]);
	ck_assert(!w->backing_off);
	ck_assert_uint_eq(w->pick.n_present, 1);
	done();
}

TEST(a_pair_without_ports_is_aside_and_not_its_target)
{
	struct slot *s;

	begin("127.0.0.1:9000-9001", "127.0.0.1,127.0.0.2", 64);
	s = &w->slots[0];
	while (picks(s) != 0 || s->choice.source != 0)
		is_answered(s);
	ends(s, OUTCOME_NO_PORT);
	ck_assert(!w->backing_off);
	ck_assert_uint_eq(w->pick.n_present, 2);
	for (unsigned i = 0; i < 40; i++) {
		picks(s);
		ck_assert(s->choice.target != 0 || s->choice.source != 0);
		is_answered(s);
	}
	ck_assert_uint_eq(tally_get(&w->targets[0].set_aside), 0);
	now_ns += 101 * MS; /* the pair is tried again */
	for (unsigned i = 0; i < 40 && (s->choice.target || s->choice.source); i++) {
		picks(s);
		is_answered(s);
	}
	ck_assert(s->choice.target == 0 && s->choice.source == 0);
	done();
}

TEST(without_a_port_anywhere_the_worker_backs_off)
{
	begin("127.0.0.1:9000-9001", NULL, 64);
	for (unsigned i = 0; i < 2; i++) {
		picks(&w->slots[i]);
		ends(&w->slots[i], OUTCOME_NO_PORT);
	}
	ck_assert(w->backing_off);
	ck_assert(w->resume_ns > now_ns && w->resume_ns <= now_ns + 100 * MS);
	done();
}

CHECK_MAIN("aside")
