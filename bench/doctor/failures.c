#include "bench/doctor/failures.h"

#include "bench/doctor/tally.h"

/* All ports towards some end at that address are taken; an odd range may lose one. */
static bool is_full(const struct facts *f, const struct endpoint *host)
{
	for (unsigned i = 0; i < f->n_remotes; i++)
		if (f->remote[i].is_client &&
		    endpoint_same_host(&f->remote[i].end, host) &&
		    f->remote[i].ports_used + 1 >= f->ports)
			return true;
	return false;
}

static void add(struct facts *f, const struct tally_entry *e)
{
	struct endpoint end = tally_end(&e->key);
	struct facts_failing *to;

	if (e->key.extra == TRAFFIC_BEFORE_PORT && is_full(f, &end))
		to = &f->failing[TRAFFIC_NO_PORT];
	else
		to = &f->failing[e->key.extra];
	to->n.n += e->n;
	if (e->n <= to->most)
		return;
	to->most = e->n;
	if (end.port)
		endpoint_print(&end, &f->read->names, to->at);
	else
		endpoint_host(&end, &f->read->names, to->at);
}

/* What this host resets itself, with bytes that it has not read, looks as if the peer had. */
static void leave_out_own_resets(struct facts *f)
{
	const struct maybe *now = &f->read->counter[KC_TCPAbortOnClose];
	const struct maybe *first = &f->read->counter_first[KC_TCPAbortOnClose];
	uint64_t own =
		now->known && first->known && now->n > first->n ? now->n - first->n : 0;
	struct maybe *n = &f->failing[TRAFFIC_RESET].n;

	n->n -= own < n->n ? own : n->n;
}

static void find_pool(struct facts *f, const struct tally_table *by)
{
	for (size_t i = 0; i < by->n; i++) {
		const struct tally_entry *e = &by->at[i];
		struct tally_key key = e->key;
		struct endpoint end = tally_end(&key);
		uint64_t used, idle;

		if (key.extra != TRAFFIC_ONE_EXCHANGE || !key.port)
			continue;
		key.extra = TRAFFIC_KEPT_USED;
		used = tally_of(by, &key);
		key.extra = TRAFFIC_KEPT_IDLE;
		idle = tally_of(by, &key);
		if (used + idle == 0 ||
		    (f->pool.closed.known && e->n <= f->pool.closed.n))
			continue;
		f->pool.closed = maybe_of(e->n);
		f->pool.kept_used = maybe_of(used);
		f->pool.kept_idle = maybe_of(idle);
		endpoint_print(&end, &f->read->names, f->pool.at);
	}
}

void failures_find(struct facts *f)
{
	struct tally_table *by = f->read->failing.by;

	if (!f->read->failing.known)
		return;
	for (unsigned i = 0; i < TRAFFIC_MAX; i++)
		f->failing[i].n = maybe_of(0);
	if (!by)
		return;
	find_pool(f, by);
	for (size_t i = 0; i < by->n; i++)
		add(f, &by->at[i]);
	leave_out_own_resets(f);
	tally_sort(by);
}
