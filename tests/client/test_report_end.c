/* When a server is lost: each target turned away all that came to it at the end.  Nothing less is
 * proof, and each row that is none is as near to it as can be. */
#include "client/report_end.h"

#include "client/record.h"
#include "tests/check_main.h"

#define AWAY(n, at) .away = (n), .away_ns = (at)

/* What a worker knows of a target; times in its run, which is over at 1000. */
struct known {
	uint64_t started, away, ok_ns, away_ns, before;
};

/* clang-format off */
static const struct {
	const char *what;
	struct known target[2], by_another_worker[2];
	bool lost;
} rows[] = {
	{ "nothing was refused", { { 50, .ok_ns = 990 } }, .lost = false },
	{ "refused three times, and that was all", { { 50, .ok_ns = 500, AWAY(3, 900) } }, .lost = true },
	{ "refused twice", { { 50, .ok_ns = 500, AWAY(2, 900) } }, .lost = false },
	{ "as often as before, by chance", { { 50, .ok_ns = 500, AWAY(7, 900), .before = 4 } }, .lost = false },
	{ "twice as often as ever before", { { 50, .ok_ns = 500, AWAY(8, 900), .before = 4 } }, .lost = true },
	{ "back from a long outage, and lost again", { { 5000, .ok_ns = 500, AWAY(100, 900), .before = 900 } }, .lost = true },
	{ "silence at the end", { { 50, .ok_ns = 500 } }, .lost = false },
	{ "refused, and served again", { { 50, .ok_ns = 950, AWAY(0, 900) } }, .lost = false },
	{ "refused, then a handshake was answered", { { 50, .ok_ns = 950, AWAY(9, 900) } }, .lost = false },
	{ "one of two", { { 50, .ok_ns = 500, AWAY(9, 900) }, { 50, .ok_ns = 990 } }, .lost = false },
	{ "one of two all along", { { 50, AWAY(50, 990) }, { 50, .ok_ns = 980 } }, .lost = false },
	{ "both", { { 50, .ok_ns = 500, AWAY(9, 900) }, { 50, .ok_ns = 600, AWAY(4, 800) } }, .lost = true },
	{ "one of two, and nothing went to the other", { { 50, .ok_ns = 500, AWAY(9, 900) }, { 0 } }, .lost = true },
	{ "two workers, refused together three times", { { 50, .ok_ns = 500, AWAY(2, 900) } }, { { 50, .ok_ns = 400, AWAY(1, 950) } }, true },
	{ "the other worker was served after that", { { 50, .ok_ns = 500, AWAY(9, 900) } }, { { 50, .ok_ns = 950 } }, false },
};
/* clang-format on */

static void fill(struct target_tally *t, const struct known *k)
{
	tally_set(&t->started, k->started);
	tally_set(&t->turned_away, k->away);
	tally_set(&t->turned_away_before, k->before);
	tally_set(&t->last_ok_ns, k->ok_ns);
	tally_set(&t->last_away_ns, k->away_ns);
}

static struct client_worker *a_worker(const struct known target[2])
{
	struct client_worker *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	w->targets = calloc(2, sizeof(*w->targets));
	ck_assert_ptr_nonnull(w->targets);
	tally_set(&w->tally.connects_ok, 40);
	tally_set(&w->tally.transactions_ok, 40);
	for (unsigned i = 0; i < 2; i++)
		fill(&w->targets[i], &target[i]);
	return w;
}

TEST_ROWS(a_server_is_lost, rows)
{
	struct client_worker *workers[] = { a_worker(row->target),
					    a_worker(row->by_another_worker) };
	struct client_record run = { .workers = workers,
				     .plan = { .workers = 2, .o.requests = 1 },
				     .over_ns = 1000 };
	char why[REPORT_WHY];
	const char *code;

	run.plan.o.response_size = 1;
	run.plan.books.n = 2;
	ck_assert_msg(report_complete(&run, &code, why, sizeof(why)) == !row->lost, "%s",
		      row->what);
	if (row->lost)
		ck_assert_str_eq(code, "peer_lost");
	for (unsigned i = 0; i < 2; i++) {
		free(workers[i]->targets);
		free(workers[i]);
	}
}

/* What it was that never connected: the errno, or what the errno does not tell. */
static const struct {
	const char *what;
	enum outcome outcome;
	int error;
	const char *says;
} never[] = {
	{ "refused", OUTCOME_REFUSED, ECONNREFUSED, "ECONNREFUSED (Connection refused)" },
	{ "no port", OUTCOME_NO_PORT, EADDRNOTAVAIL,
	  "EADDRNOTAVAIL (Cannot assign requested address)" },
	{ "no address", OUTCOME_NO_SOURCE, EADDRNOTAVAIL,
	  "no address of this host can reach the target (no_source_address)" },
	{ "another's ports", OUTCOME_COLLISION, 0, "(collision)" },
	{ "itself", OUTCOME_SELF_CONNECTED, 0, "(self_connected)" },
};

TEST_ROWS(nothing_ever_connected, never)
{
	const struct known nothing[2] = { { .started = 3 } };
	struct client_worker *worker = a_worker(nothing);
	struct addr target = { .in = { .sin_family = AF_INET, .sin_port = htons(9) },
			       .len = sizeof(target.in) };
	struct client_record run = { .workers = &worker,
				     .plan = { .workers = 1,
					       .targets = { .at = &target, .n = 1 } } };
	char why[REPORT_WHY];
	const char *code;

	tally_set(&worker->tally.connects_ok, 0);
	tally_set(&worker->tally.outcome[row->outcome], 3);
	tally_set(&worker->tally.failed[STAGE_CONNECT].n[row->error], row->error ? 3 : 0);
	ck_assert(!report_complete(&run, &code, why, sizeof(why)));
	ck_assert_str_eq(code, "never_connected");
	ck_assert_msg(strstr(why, row->says), "%s: %s", row->what, why);
	free(worker->targets);
	free(worker);
}

CHECK_MAIN("report_end")
