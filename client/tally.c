/* tally (client) - a call that failed is counted, and the sums over all workers that a result and the
 * progress need. */
#include "client/tally.h"

#include <string.h>

#include "client/plan.h"
#include "client/record.h"

struct target_tally *client_tally_of(const struct slot *s)
{
	const struct client_worker *w = s->worker;

	return &w->targets[targets_entry(&w->plan->books, s->choice.target)];
}

void client_tally_failed(const struct slot *s, enum stage stage, int error)
{
	struct client_worker *w = s->worker;
	struct errno_times *at = &w->tally.failed_at[stage];
	uint64_t ns = s->began_ns > w->now_ns ? s->began_ns : w->now_ns;
	unsigned e = tally_errno_at(error);

	tally_add(&w->tally.failed[stage].n[e], 1);
	tally_add(&client_tally_of(s)->failed.n[e], 1);
	if (tally_get(&at->first_ns[e]) == 0)
		tally_set(&at->first_ns[e], ns);
	tally_set(&at->last_ns[e], ns);
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
	keep_latest(&sum->last_bad_ns, tally_get(&t->last_bad_ns));
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
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		tally_add_all(sum, &run->workers[i]->targets[entry], sizeof(*sum));
}

uint64_t client_tally_class(const struct client_tally *t, unsigned class)
{
	uint64_t n = 0;

	for (unsigned i = 100 * (class - 1); i < 100 * class; i++)
		n += tally_get(&t->http_code[i]);
	return n;
}
