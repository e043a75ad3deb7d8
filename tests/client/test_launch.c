/* --prefill opens as many connections as there are places; what arrivals have opened meanwhile is not
 * waited for, which would be a loop that never rests. */
#include "client/launch.h"

#include <stdlib.h>
#include "client/plan.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "tests/check_main.h"

static struct client_plan plan;
static struct client_worker *w;

static void begin(void)
{
	struct err err;

	plan = (struct client_plan){ .transport = &transport_tcp,
				     .workers = 1,
				     .o.pool = 4,
				     .o.prefill = true,
				     .o.duration_ns = 20 * NS_PER_S,
				     .o.timeout_ns = 5 * NS_PER_S,
				     .o.requests = 1,
				     .rate = { 1, 1 },
				     .ranks = 1,
				     .seed = 1 };
	ck_assert_int_eq(addr_parse_list("127.0.0.1:9", false, &plan.targets, &err), 0);
	ck_assert_int_eq(targets_make(&plan.books, &plan.targets, &err), 0);
	ck_assert_int_eq(closing_mix_parse("client-fin", &plan.mix, &err), 0);
	w = calloc(1, sizeof(*w));
	ck_assert_int_eq(client_worker_init(w, &plan, 0, &err), 0);
	w->now_ns = NS_PER_S;
	w->arrivals_left = 1;
	w->begin_ns = 0;
}

/* The place is an idle connection's. */
static void rests(struct slot *s)
{
	SLIST_REMOVE_HEAD(&w->free, next_free);
	TAILQ_INSERT_HEAD(&w->idle, s, link);
	w->n_free--;
	w->n_idle++;
	s->state = SLOT_IDLE;
}

TEST(places_that_arrivals_have_taken_are_not_waited_for)
{
	const struct load load = { .rate = { 1, 1 },
				   .pick = { .workers = 1 },
				   .ranks = 1 };
	struct slot *s;

	begin();
	load_pacer(&load, 0, 2 * NS_PER_S, &w->pacer); /* nothing is due yet */
	while ((s = SLIST_FIRST(&w->free)))
		rests(s);
	ck_assert_uint_eq(w->to_open, 4);
	launch_due_arrivals(w);
	ck_assert_uint_eq(w->to_open, 0);
	ck_assert_uint_gt(launch_next_ns(w), w->now_ns);
	while ((s = TAILQ_FIRST(&w->idle))) {
		TAILQ_REMOVE(&w->idle, s, link);
		s->state = SLOT_FREE;
	}
	client_worker_done(w);
	free(w);
	client_plan_done(&plan);
}

CHECK_MAIN("launch")
