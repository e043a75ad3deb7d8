/* tally (client) - the sums over all workers that a result and the progress need. */
#include "client/tally.h"

#include <string.h>

#include "client/record.h"

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

static void add_worker(struct client_tally *sum, const struct client_tally *t)
{
#define X(name) tally_add(&sum->name, tally_get(&t->name));
	CLIENT_TALLY_LIST(X)
#undef X
	for (int o = 0; o < OUTCOMES; o++)
		tally_add(&sum->outcome[o], tally_get(&t->outcome[o]));
	for (int c = 0; c < CLOSINGS_MAX; c++)
		tally_add(&sum->completed[c], tally_get(&t->completed[c]));
	for (int s = 0; s < STAGES; s++)
		tally_errnos_add(&sum->failed[s], &t->failed[s]);
	tally_add(&sum->timeout_connect, tally_get(&t->timeout_connect));
	tally_add(&sum->timeout_transaction, tally_get(&t->timeout_transaction));
	for (int c = 1; c < 6; c++)
		tally_add(&sum->http_status[c], tally_get(&t->http_status[c]));
	for (int e = 0; e < HTTP_ERRORS; e++)
		tally_add(&sum->http_malformed[e], tally_get(&t->http_malformed[e]));
	tally_add(&sum->http_reused, tally_get(&t->http_reused));
	tally_add(&sum->http_ended_early, tally_get(&t->http_ended_early));
	tally_add(&sum->pool_busiest, tally_get(&t->pool_busiest));
	tally_add(&sum->pool_retried, tally_get(&t->pool_retried));
	tally_add(&sum->in_flight, tally_get(&t->in_flight));
	keep_earliest(&sum->first_exhausted_ns, tally_get(&t->first_exhausted_ns));
	keep_earliest(&sum->first_exhausted_due_ns,
		      tally_get(&t->first_exhausted_due_ns));
	keep_earliest(&sum->exhausted_since_ns, tally_get(&t->exhausted_since_ns));
	keep_earliest(&sum->recovered_ns, tally_get(&t->recovered_ns));
	keep_latest(&sum->exhausted_for_ns, tally_get(&t->exhausted_for_ns));
	keep_latest(&sum->last_ok_ns, tally_get(&t->last_ok_ns));
	keep_latest(&sum->last_bad_ns, tally_get(&t->last_bad_ns));
}

void client_tally_sum(const struct client_record *run, struct client_tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; run->workers && i < run->plan.workers; i++)
		add_worker(sum, &run->workers[i]->tally);
}
