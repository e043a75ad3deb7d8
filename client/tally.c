/* tally (client) - a call that failed is counted, and the sums over all workers that a result and the
 * progress need. */
#include "client/tally.h"

#include <errno.h>
#include <string.h>

#include "client/plan.h"
#include "client/record.h"

/* Refused, or reset before any byte of what it waited for came: EPIPE is the RST's, too
 * (outcome_of_transfer()). */
static bool is_turned_away(const struct slot *s, int error)
{
	bool waits = !s->connected || s->worker->plan->o.requests > 0;

	return error == ECONNREFUSED || ((error == ECONNRESET || error == EPIPE) &&
					 waits && s->served == 0 && !s->response_begun);
}

static void count_at_target(struct target_tally *t, unsigned e, bool away, uint64_t ns)
{
	tally_add(&t->failed.n[e], 1);
	if (!away)
		return;
	tally_add(&t->turned_away, 1);
	tally_set(&t->last_away_ns, ns);
}

void client_tally_failed(const struct slot *s, enum stage stage, int error)
{
	struct client_worker *w = s->worker;
	struct errno_times *at = &w->tally.failed_at[stage];
	uint64_t ns = s->began_ns > w->now_ns ? s->began_ns : w->now_ns;
	unsigned e = tally_errno_at(error);

	tally_add(&w->tally.failed[stage].n[e], 1);
	count_at_target(s->books, e, is_turned_away(s, error), ns);
	if (tally_get(&at->first_ns[e]) == 0)
		tally_set(&at->first_ns[e], ns);
	tally_set(&at->last_ns[e], ns);
}

void client_tally_end_row(struct target_tally *t)
{
	uint64_t row = tally_get(&t->turned_away);

	if (row > tally_get(&t->turned_away_before))
		tally_set(&t->turned_away_before, row);
	tally_set(&t->turned_away, 0);
}

void client_tally_over(const struct slot *s, uint64_t now_ns)
{
	struct target_tally *t = s->books;

	if (s->outcome != OUTCOME_CUT_OFF)
		tally_set(&t->last_failed_ns, now_ns);
	if (s->began_ns > tally_get(&t->last_away_ns))
		client_tally_served(t);
}

static void keep_earliest(tally_t *into, uint64_t ns)
{
	if (ns && (tally_get(into) == 0 || ns < tally_get(into)))
		tally_set(into, ns);
}

static void keep_latest(tally_t *into, uint64_t ns)
{
	if (ns > tally_get(into))
		tally_set(into, ns);
}

static void add_times(struct client_tally *sum, const struct client_tally *t)
{
	for (unsigned s = 0; s < STAGES; s++)
		for (unsigned e = 0; e < TALLY_ERRNOS; e++) {
			keep_earliest(&sum->failed_at[s].first_ns[e],
				      tally_get(&t->failed_at[s].first_ns[e]));
			keep_latest(&sum->failed_at[s].last_ns[e],
				    tally_get(&t->failed_at[s].last_ns[e]));
		}
}

static void add_worker(struct client_tally *sum, const struct client_tally *t)
{
	tally_add_all(sum, t, offsetof(struct client_tally, first_exhausted_ns));
	keep_earliest(&sum->first_exhausted_ns, tally_get(&t->first_exhausted_ns));
	keep_earliest(&sum->first_exhausted_due_ns,
		      tally_get(&t->first_exhausted_due_ns));
	keep_earliest(&sum->exhausted_since_ns, tally_get(&t->exhausted_since_ns));
	keep_earliest(&sum->recovered_ns, tally_get(&t->recovered_ns));
	keep_latest(&sum->exhausted_for_ns, tally_get(&t->exhausted_for_ns));
	keep_latest(&sum->last_ok_ns, tally_get(&t->last_ok_ns));
	add_times(sum, t);
}

void client_tally_sum(const struct client_record *run, struct client_tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		add_worker(sum, &run->workers[i]->tally);
}

void client_tally_target(const struct client_record *run, unsigned entry,
			 struct target_tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++) {
		const struct target_tally *t = &run->workers[i]->targets[entry];

		tally_add_all(sum, t, offsetof(struct target_tally, last_ok_ns));
		keep_latest(&sum->last_ok_ns, tally_get(&t->last_ok_ns));
		keep_latest(&sum->last_failed_ns, tally_get(&t->last_failed_ns));
		keep_latest(&sum->last_away_ns, tally_get(&t->last_away_ns));
	}
}

uint64_t client_tally_class(const struct client_tally *t, unsigned class)
{
	uint64_t n = 0;

	for (unsigned i = 100 * (class - 1); i < 100 * class; i++)
		n += tally_get(&t->http_code[i]);
	return n;
}
