#include "bench/doctor/facts.h"

#include <stdio.h>
#include <string.h>
#include "bench/doctor/failures.h"
#include "bench/doctor/places.h"
#include "bench/doctor/remotes.h"
#include "bench/doctor/sides.h"
#include "bench/doctor/until_full.h"
#include "common/base/clock.h"

#define DEFAULT_LO 32768
#define DEFAULT_HI 60999

/* ---- states */

static void raise_to(struct maybe *to, struct maybe n)
{
	if (n.known && (!to->known || n.n > to->n))
		*to = n;
}

/* All that was listed, or else the largest of what was counted: one socket may be in several. */
static void find_states(struct facts *f)
{
	const struct reading *r = f->read;
	uint64_t listed[TCP_STATE_MAX] = { 0 };
	bool whole = r->any_all && r->whole_lists && !r->cut && !r->lost && !r->filtered;

	for (size_t i = 0; i < r->seen.n; i++)
		listed[r->seen.at[i].state] += noted_n(&r->seen.at[i]);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		f->listed += listed[i];
		listed[i] += r->seen.over[i];
		if (listed[i] || whole)
			f->states[i] = maybe_of(listed[i]);
		raise_to(&f->states[i], r->counted[i]);
	}
	f->listed_time_wait = listed[STATE_TIME_WAIT];
	raise_to(&f->states[STATE_ESTABLISHED], r->summary.estab);
	raise_to(&f->states[STATE_TIME_WAIT], r->summary.timewait);
	raise_to(&f->states[STATE_SYN_RECV], r->summary.synrecv);
	if (!f->states[STATE_TIME_WAIT].known)
		f->states[STATE_TIME_WAIT] = r->sockstat.tw;
	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		if (i == STATE_LISTEN || !f->states[i].known)
			continue;
		f->connections = maybe_of(f->connections.n + f->states[i].n);
		f->open =
			maybe_of(f->open.n + (i == STATE_TIME_WAIT ? 0 : f->states[i].n));
	}
}

/* Counts say all of it: the list beside them shows a part. */
static bool counts_say_more(const struct facts *f)
{
	const struct reading *r = f->read;
	uint64_t listed[TCP_STATE_MAX] = { 0 };

	for (size_t i = 0; i < r->seen.n; i++)
		listed[r->seen.at[i].state] += noted_n(&r->seen.at[i]);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (listed[i] && (!r->counted[i].known || r->counted[i].n < listed[i]))
			return false;
	return true;
}

static void find_worth(struct facts *f)
{
	const struct reading *r = f->read;
	bool other = r->sockstat.tw.known || r->conntrack.insert.known, part;

	f->worth = WORTH_NOTHING;
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (f->states[i].known)
			f->worth = WORTH_COUNTS;
	for (unsigned i = 0; i < KERNEL_COUNTERS; i++)
		if (r->counter[i].known && f->worth == WORTH_NOTHING)
			f->worth = WORTH_COUNTS;
	if (r->from_address.known || r->most_have.n.known)
		f->worth = WORTH_COUNTS;
	if (r->summary.estab.known || other)
		f->worth = WORTH_EXACT;
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (r->seen.over[i])
			f->worth = WORTH_LOWER_BOUND;
	/* Without a header or a command a list may be a part, and is one where all of it is alike. */
	part = r->cut || r->lost || (!r->whole_lists && places_all_alike(r));
	if (r->sockets_listed && f->worth != WORTH_LOWER_BOUND)
		f->worth = part && !counts_say_more(f) ? WORTH_LOWER_BOUND : WORTH_EXACT;
}

static void find_system(struct facts *f)
{
	const struct reading *r = f->read;

	if (r->windows)
		f->system = SYSTEM_WINDOWS;
	else if (r->bsd)
		f->system = SYSTEM_BSD;
	else if (r->linux_seen || r->sockets_listed)
		f->system = SYSTEM_LINUX;
}

/* ---- ports */

static void find_range(struct facts *f)
{
	const struct reading *r = f->read;

	f->range_assumed = !r->range_lo.known;
	f->lo = f->range_assumed ? DEFAULT_LO : r->range_lo.n;
	f->hi = f->range_assumed ? DEFAULT_HI : r->range_hi.n;
	f->ports = f->hi - f->lo + 1;
	for (uint64_t port = f->lo; port <= f->hi && r->reserved_known; port++)
		f->reserved.n += port_set_has(&r->reserved, (uint16_t)port);
	f->reserved.known = r->reserved_known;
	f->ports -= f->reserved.n;
	if (r->not_for_connect.known && r->not_for_connect.n < f->ports)
		f->ports -= r->not_for_connect.n;
	for (size_t i = 0; i < r->seen.n && f->range_assumed && !r->sides_told; i++) {
		const struct noted_socket *s = &r->seen.at[i];

		if ((s->flags & NOTED_CLIENT) && s->state != STATE_LISTEN &&
		    (s->local_port < f->lo || s->local_port > f->hi))
			f->range_other = true;
	}
	f->range_other = f->range_other || (f->range_assumed && r->not_default);
}

/* ---- when TIME_WAIT began */

static void find_births(struct facts *f)
{
	const struct reading *r = f->read;

	for (size_t i = 0; i < r->seen.n; i++) {
		const struct noted_socket *s = &r->seen.at[i];
		unsigned left_s;

		if (s->state != STATE_TIME_WAIT || s->left_ms < 0)
			continue;
		left_s = (unsigned)s->left_ms / 1000;
		f->timed += noted_n(s);
		if (s->left_ms == 0)
			f->expired += noted_n(s);
		else
			f->born[left_s >= FACTS_SECONDS ? 0
							: FACTS_SECONDS - 1 - left_s] +=
				noted_n(s);
	}
}

/* ---- listeners */

/* Full; more than half full; neither, or not known. */
static unsigned fullness(const struct facts_listener *l)
{
	if (!l->limit.known || !l->limit.n)
		return 0;
	return l->waiting > l->limit.n ? 2
				       : l->waiting >= 5 && 2 * l->waiting >= l->limit.n;
}

static bool comes_before(const struct facts_listener *a, const struct facts_listener *b)
{
	return fullness(a) != fullness(b) ? fullness(a) > fullness(b)
					  : a->waiting > b->waiting;
}

static void add_listener(struct facts *f, const struct noted_socket *s)
{
	struct facts_listener l = { .waiting = s->recv_q, .port = s->local_port };
	struct endpoint local, remote;
	unsigned at = f->n_listeners;

	noted_ends(s, &local, &remote);
	endpoint_print(&local, &f->read->names, l.address);
	if (s->flags & NOTED_SS)
		l.limit = maybe_of(s->send_q);
	while (at > 0 && comes_before(&l, &f->listener[at - 1]))
		at--;
	if (at == FACTS_LISTENERS)
		return;
	if (f->n_listeners < FACTS_LISTENERS)
		f->n_listeners++;
	memmove(&f->listener[at + 1], &f->listener[at],
		(f->n_listeners - at - 1) * sizeof(f->listener[0]));
	f->listener[at] = l;
}

static void find_listeners(struct facts *f)
{
	for (size_t i = 0; i < f->read->seen.n; i++)
		if (f->read->seen.at[i].state == STATE_LISTEN)
			add_listener(f, &f->read->seen.at[i]);
}

bool facts_per_second(const struct reading *r, enum kernel_counter c, double *out)
{
	struct maybe now = r->counter[c], first = r->counter_first[c];
	bool known =
		now.known && first.known && r->live && r->counters_ns && now.n >= first.n;

	*out = known ? (double)(now.n - first.n) * NS_PER_S / (double)r->counters_ns : 0;
	return known;
}

uint64_t facts_budget(const struct facts *f, const struct facts_remote *m)
{
	uint64_t elsewhere = f->bound_early.n - m->bound_early;

	return f->ports - (elsewhere < f->ports ? elsewhere : f->ports);
}

uint64_t facts_held(const struct facts_remote *m)
{
	return m->ports_used - (m->reuse == REUSE_WORKS ? m->old_enough : 0);
}

static bool is_busier(const struct facts_remote *a, const struct facts_remote *b)
{
	uint64_t held_a = facts_held(a), held_b = facts_held(b);

	return held_a != held_b ? held_a > held_b : a->ports_used > b->ports_used;
}

const struct facts_remote *facts_busiest(const struct facts *f)
{
	const struct facts_remote *best = NULL;

	for (unsigned i = 0; i < f->n_remotes; i++)
		if (f->remote[i].is_client && (!best || is_busier(&f->remote[i], best)))
			best = &f->remote[i];
	return best;
}

int facts_of(struct reading *read, struct facts *out, struct err *err)
{
	int r = sides_tell(read, err);

	memset(out, 0, sizeof(*out));
	out->read = read;
	if (r < 0)
		return r;
	find_system(out);
	find_states(out);
	find_worth(out);
	find_range(out);
	find_births(out);
	find_listeners(out);
	sides_who_closes(out);
	r = places_find(out, err);
	if (r == 0)
		r = remotes_find(out, err);
	if (r == 0)
		r = places_find_users(out, err);
	if (r == 0)
		failures_find(out);
	if (r == 0)
		r = until_full_find(out, err);
	return r;
}
