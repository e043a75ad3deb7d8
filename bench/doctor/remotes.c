#include "bench/doctor/remotes.h"

#include <string.h>
#include "bench/doctor/sides.h"

#define RECENT_S         20
#define DEFAULT_DELAY_MS 1000 /* tcp_tw_reuse_delay; fixed before Linux 6.14 */

struct tally_key remotes_key(const struct noted_socket *s)
{
	bool client = s->flags & NOTED_CLIENT;
	struct tally_key key;

	memset(&key, 0, sizeof(key));
	memcpy(key.a, s->remote, sizeof(key.a));
	key.a_kind = s->remote_kind;
	key.port = client ? s->remote_port : 0;
	key.extra = client;
	return key;
}

struct tally_key remotes_pair_key(const struct noted_socket *s)
{
	struct tally_key key = remotes_key(s);

	memcpy(key.b, s->local, sizeof(key.b));
	key.b_kind = s->local_kind;
	return key;
}

/* What connects to a server on this very host is listed at its own end. */
static bool counts(const struct reading *r, const struct noted_socket *s)
{
	struct endpoint local, remote;

	if (s->state == STATE_LISTEN || s->state == STATE_CLOSE ||
	    s->remote_kind == HOST_OTHERS)
		return false;
	noted_ends(s, &local, &remote);
	return (s->flags & NOTED_CLIENT) || !endpoint_is_loopback(&remote, &r->names);
}

/* The default, where the setting is not known, is 2 since Linux 4.19, and 0 before. */
static enum reuse reuse_of(const struct reading *r, const struct facts_remote *m)
{
	const struct maybe *reuse = &r->sysctl[DS_tw_reuse];
	const struct maybe *timestamps = &r->sysctl[DS_timestamps];
	bool loopback = endpoint_is_loopback(&m->end, &r->names);

	if (timestamps->known && !timestamps->n)
		return REUSE_NO_TIMESTAMPS_HERE;
	if (m->timestamps.known && !m->timestamps.n)
		return REUSE_NO_TIMESTAMPS_THERE;
	if (!reuse->known)
		return loopback ? REUSE_UNKNOWN : REUSE_OFF;
	if (reuse->n == 2)
		return loopback ? REUSE_WORKS : REUSE_LOOPBACK_ONLY;
	return reuse->n ? REUSE_WORKS : REUSE_OFF;
}

/* Is its port one of ports_used? */
static bool is_port_of(const struct reading *r, const struct facts_remote *m,
		       const struct noted_socket *s)
{
	return s->local_kind == m->from.kind &&
	       memcmp(s->local, m->from.host, sizeof(s->local)) == 0 &&
	       noted_takes_port(&r->seen, s);
}

/* Would tcp_tw_reuse give its port out again? */
static bool is_old_enough(const struct reading *r, const struct noted_socket *s)
{
	const struct maybe *delay = &r->sysctl[DS_tw_reuse_delay];
	int64_t delay_ms = delay->known ? (int64_t)delay->n : DEFAULT_DELAY_MS;

	return s->left_ms >= 0 && 60000 - s->left_ms >= delay_ms;
}

static void add_socket(const struct reading *r, struct facts_remote *to,
		       const struct noted_socket *s)
{
	to->states[s->state] += noted_n(s);
	if (s->state == STATE_TIME_WAIT && is_port_of(r, to, s)) {
		to->waiting += noted_n(s);
		to->old_enough += is_old_enough(r, s) ? noted_n(s) : 0;
	}
	to->parity[s->local_port % 2] += noted_takes_port(&r->seen, s) ? noted_n(s) : 0;
	if (s->flags & (NOTED_TIMESTAMPS | NOTED_NO_TIMESTAMPS))
		to->timestamps =
			maybe_of(to->timestamps.n || (s->flags & NOTED_TIMESTAMPS));
	if (s->state != STATE_TIME_WAIT || s->left_ms <= 0)
		return;
	to->timed += noted_n(s);
	to->born_20s += s->left_ms >= (60 - RECENT_S) * 1000 ? noted_n(s) : 0;
}

/* Those that ended while a live look lasted say it, too. */
static void find_timestamps(const struct reading *r, struct facts_remote *m)
{
	struct tally_key key = { .a_kind = m->end.kind, .port = m->end.port };
	const struct tally_table *by = r->failing.by;
	uint64_t with, without;

	if (!by)
		return;
	memcpy(key.a, m->end.host, sizeof(key.a));
	key.extra = TRAFFIC_TIMESTAMPS;
	with = tally_of(by, &key);
	key.extra = TRAFFIC_NO_TIMESTAMPS;
	without = tally_of(by, &key);
	if (with || without)
		m->timestamps = maybe_of(m->timestamps.n || with);
}

static int find_remote(const struct tally_table *t, unsigned n,
		       const struct tally_key *key)
{
	for (unsigned i = 0; i < n; i++)
		if (memcmp(&t->at[i].key, key, sizeof(*key)) == 0)
			return (int)i;
	return -1;
}

static void describe(struct facts *f, const struct tally_entry *e,
		     struct facts_remote *out)
{
	struct endpoint end = tally_end(&e->key);

	memset(out, 0, sizeof(*out));
	out->end = end;
	out->is_client = e->key.extra;
	out->sockets = e->n;
	if (out->is_client)
		endpoint_print(&end, &f->read->names, out->address);
	else
		endpoint_host(&end, &f->read->names, out->address);
}

static void find_ports(struct facts *f, const struct tally_table *remotes,
		       const struct tally_table *pairs)
{
	for (size_t i = 0; i < pairs->n; i++) {
		struct tally_key key = pairs->at[i].key;
		struct endpoint from = { .kind = key.b_kind };
		int at;

		memcpy(from.host, key.b, sizeof(from.host));
		memset(key.b, 0, sizeof(key.b));
		key.b_kind = 0;
		at = find_remote(remotes, f->n_remotes, &key);
		if (at < 0 || pairs->at[i].n <= f->remote[at].ports_used)
			continue;
		f->remote[at].ports_used = pairs->at[i].n;
		f->remote[at].from = from;
		endpoint_host(&from, &f->read->names, f->remote[at].from_text);
	}
}

/* connect() takes the ports of the range whose parity its low end has, until half of them are taken. */
static void find_early(struct facts *f)
{
	unsigned late = (f->lo + 1) % 2;

	f->bound_early.known = f->read->live && f->read->sides_told && !f->range_assumed;
	for (unsigned i = 0; i < f->n_remotes && f->bound_early.known; i++) {
		struct facts_remote *m = &f->remote[i];

		if (m->is_client && 2 * m->ports_used <= f->ports)
			m->bound_early = m->parity[late];
		f->bound_early.n += m->bound_early;
	}
}

static void fill(struct facts *f, struct tally_table *remotes, struct tally_table *pairs)
{
	const struct reading *r = f->read;

	tally_sort(remotes);
	tally_sort(pairs);
	f->n_remotes = remotes->n < FACTS_REMOTES ? (unsigned)remotes->n : FACTS_REMOTES;
	if (!r->folded)
		f->more_remotes = maybe_of(remotes->n - f->n_remotes);
	for (unsigned i = 0; i < f->n_remotes; i++)
		describe(f, &remotes->at[i], &f->remote[i]);
	find_ports(f, remotes, pairs);
	for (size_t i = 0; i < r->seen.n; i++) {
		struct tally_key key = remotes_key(&r->seen.at[i]);
		int at = counts(r, &r->seen.at[i])
				 ? find_remote(remotes, f->n_remotes, &key)
				 : -1;

		if (at >= 0)
			add_socket(r, &f->remote[at], &r->seen.at[i]);
	}
	for (unsigned i = 0; i < f->n_remotes; i++)
		if (f->remote[i].is_client) {
			find_timestamps(r, &f->remote[i]);
			f->remote[i].reuse = reuse_of(r, &f->remote[i]);
		}
	find_early(f);
	if (f->n_remotes)
		f->same_parity = !f->remote[0].parity[0] != !f->remote[0].parity[1];
}

int remotes_find(struct facts *f, struct err *err)
{
	struct tally_table remotes = { 0 }, pairs = { 0 };
	const struct reading *r = f->read;
	bool no_memory;

	for (size_t i = 0; i < r->seen.n; i++) {
		const struct noted_socket *s = &r->seen.at[i];
		struct tally_key remote = remotes_key(s), pair = remotes_pair_key(s);

		if (!counts(r, s))
			continue;
		tally_add(&remotes, &remote, noted_n(s));
		if ((s->flags & NOTED_CLIENT) && s->local_kind != HOST_OTHERS &&
		    noted_takes_port(&r->seen, s))
			tally_add(&pairs, &pair, noted_n(s));
	}
	no_memory = remotes.no_memory || pairs.no_memory;
	if (!no_memory)
		fill(f, &remotes, &pairs);
	tally_done(&remotes);
	tally_done(&pairs);
	return no_memory ? err_memory(err) : 0;
}

bool remotes_has(const struct facts *f, unsigned remote, const struct noted_socket *s)
{
	const struct facts_remote *m = &f->remote[remote];
	bool client = s->flags & NOTED_CLIENT;

	return client == m->is_client && (!client || s->remote_port == m->end.port) &&
	       s->remote_kind == m->end.kind &&
	       memcmp(s->remote, m->end.host, sizeof(s->remote)) == 0 &&
	       counts(f->read, s);
}
