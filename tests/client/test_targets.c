/* Targets share counters by address, a target named twice is one, and what is beyond the first 64
 * is counted together; the sums over the workers keep the first and the last time of an errno. */
#include "client/targets.h"

#include <errno.h>
#include <stdio.h>
#include "client/record.h"
#include "tests/check_main.h"

static const struct {
	const char *list;
	unsigned n, last; /* entries, and that of the last target */
} lists[] = {
	{ "127.0.0.1:9000", 1, 0 },
	{ "127.0.0.1:9001,127.0.0.1:9000", 2, 1 },
	{ "127.0.0.1:9001,127.0.0.1:9000,127.0.0.1:9001", 2, 0 },
	{ "127.0.0.1:9000,127.0.0.2:9000,[::1]:9000", 3, 2 },
	{ "127.0.0.1:9000-9063", 64, 63 },
	{ "127.0.0.1:9000-9064", 65, 64 },
	{ "127.0.0.1:9000-9999", 65, 64 },
	{ "127.0.0.1:9000-9999,127.0.0.1:9007", 65, 7 },
};

TEST_ROWS(each_address_has_its_counters, lists)
{
	struct addr_list list;
	struct targets t;

	ck_assert_int_eq(addr_parse_list(row->list, false, &list, NULL), 0);
	ck_assert_int_eq(targets_make(&t, &list, NULL), 0);
	ck_assert_uint_eq(t.n, row->n);
	ck_assert_uint_eq(targets_entry(&t, 0), 0);
	ck_assert_uint_eq(targets_entry(&t, (uint32_t)list.n - 1), row->last);
	for (unsigned i = 0; i < t.n && i < TARGETS_TOLD; i++)
		ck_assert_uint_eq(targets_entry(&t, t.first[i]), i);
	targets_done(&t);
	addr_list_done(&list);
}

/* A worker with one failed connect() at a time, and `n` connections to entry 1. */
static struct client_worker *a_worker(uint64_t at_ns, uint64_t n)
{
	struct client_worker *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	w->targets = calloc(2, sizeof(*w->targets));
	ck_assert_ptr_nonnull(w->targets);
	tally_set(&w->targets[1].started, n);
	tally_set(&w->targets[1].failed.n[ECONNREFUSED], 1);
	tally_set(&w->tally.failed[STAGE_CONNECT].n[ECONNREFUSED], 1);
	tally_set(&w->tally.failed_at[STAGE_CONNECT].first_ns[ECONNREFUSED], at_ns);
	tally_set(&w->tally.failed_at[STAGE_CONNECT].last_ns[ECONNREFUSED], at_ns + 5);
	client_tally_code(&w->tally, 100);
	client_tally_code(&w->tally, 502);
	client_tally_code(&w->tally, 599);
	return w;
}

TEST(workers_are_added_up)
{
	struct client_worker *workers[] = { a_worker(70, 4), a_worker(30, 3),
					    a_worker(50, 0) };
	struct client_record run = { .workers = workers, .plan.workers = 3 };
	struct client_tally sum;
	struct target_tally of;
	const struct errno_times *at = &sum.failed_at[STAGE_CONNECT];

	client_tally_sum(&run, &sum);
	ck_assert_uint_eq(tally_get(&sum.failed[STAGE_CONNECT].n[ECONNREFUSED]), 3);
	ck_assert_uint_eq(tally_get(&at->first_ns[ECONNREFUSED]), 30);
	ck_assert_uint_eq(tally_get(&at->last_ns[ECONNREFUSED]), 75);
	ck_assert_uint_eq(tally_get(&at->first_ns[EPIPE]), 0);
	ck_assert_uint_eq(client_tally_class(&sum, 1), 3);
	ck_assert_uint_eq(client_tally_class(&sum, 4), 0);
	ck_assert_uint_eq(client_tally_class(&sum, 5), 6);
	client_tally_target(&run, 1, &of);
	ck_assert_uint_eq(tally_get(&of.started), 7);
	ck_assert_uint_eq(tally_get(&of.failed.n[ECONNREFUSED]), 3);
	client_tally_target(&run, 0, &of);
	ck_assert_uint_eq(tally_get(&of.started), 0);
	for (unsigned i = 0; i < 3; i++) {
		free(workers[i]->targets);
		free(workers[i]);
	}
}

/* What happens to connections to one target, a letter each:
 *	r  refused				x  reset before any byte came
 *	X  reset after a byte			h  reset while it is held, no byte was asked for
 *	n  no way there				t  no answer in time
 *	o  the same, but it began with the run	s  a transaction is served */
static const struct {
	const char *what, *events;
	unsigned in_a_row, before;
} streaks[] = {
	{ "nothing", "", 0, 0 },
	{ "served", "sss", 0, 0 },
	{ "refused", "ssrrr", 3, 0 },
	{ "reset before any byte", "ssxxr", 3, 0 },
	{ "reset in the middle", "ssXX", 0, 0 },
	{ "reset in a hold", "sshh", 0, 0 },
	{ "served between", "rrsrsr", 1, 2 },
	{ "the answers of before are waited for in vain", "sroror", 3, 0 },
	{ "silence after it", "srrt", 0, 2 },
	{ "the way is gone, too", "srrnn", 0, 2 },
	{ "and comes back", "srrnnr", 1, 2 },
};

static void happen(struct slot *s, char event, uint64_t now_ns)
{
	bool reset = strchr("xXh", event);

	s->worker->now_ns = s->began_ns = now_ns;
	s->connected = reset;
	s->response_begun = event == 'X';
	((struct client_plan *)s->worker->plan)->o.requests = event != 'h';
	s->outcome = reset ? OUTCOME_RESET : OUTCOME_CONNECT_ERROR;
	if (event == 's') {
		client_tally_served(s->books);
		return;
	}
	if (event == 'r')
		client_tally_failed(s, STAGE_CONNECT, ECONNREFUSED);
	if (event == 'n')
		client_tally_failed(s, STAGE_CONNECT, ENETUNREACH);
	if (reset)
		client_tally_failed(s, STAGE_TRANSFER, ECONNRESET);
	if (event == 'o')
		s->began_ns = 1;
	client_tally_over(s, now_ns + 1);
}

TEST_ROWS(those_turned_away_in_a_row_are_counted, streaks)
{
	struct client_plan plan = { 0 };
	struct client_worker *w = calloc(1, sizeof(*w));
	struct target_tally t = { 0 };
	struct slot s = { .worker = w, .books = &t };

	ck_assert_ptr_nonnull(w);
	w->plan = &plan;
	for (unsigned i = 0; row->events[i]; i++)
		happen(&s, row->events[i], 10 + 10 * i);
	ck_assert_msg(tally_get(&t.turned_away) == row->in_a_row, "%s: %llu", row->what,
		      (unsigned long long)tally_get(&t.turned_away));
	ck_assert_uint_eq(tally_get(&t.turned_away_before), row->before);
	free(w);
}

CHECK_MAIN("targets")
