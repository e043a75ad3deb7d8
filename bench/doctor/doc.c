#include "bench/doctor/doc.h"

#include <math.h>
#include <string.h>
#include "bench/doctor/doc_live.h"
#include "bench/doctor/doc_value.h"
#include "common/base/put.h"
#include "common/result/result.h"

static json_t *states_json(const struct maybe *states)
{
	json_t *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		put(o, tcp_state_name(i), number(states[i]));
	return o;
}

/* ---- remotes */

static const char *const reuses[] = {
#define X(id, name) [REUSE_##id] = name,
	REUSE_LIST(X)
#undef X
};

static const char *const until_names[] = {
#define X(id, name) [UNTIL_##id] = name,
	UNTIL_LIST(X)
#undef X
};

static json_t *remote_json(const struct facts *f, const struct facts_remote *m)
{
	json_t *o = json_object(), *states = json_object();
	bool range = m->is_client && !f->range_other;
	/* Many source addresses, of which none has many ports, are not told apart. */
	bool ports = m->is_client && (m->ports_used || !f->read->crowded);

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (m->states[i])
			put_count(states, tcp_state_name(i), m->states[i]);
	put(o, "address", text(m->address));
	put_text(o, "side", m->is_client ? "client" : "server");
	put_count(o, "sockets", m->sockets);
	put(o, "states", states);
	put(o, "from", text(m->is_client ? m->from_text : NULL));
	put(o, "ports_used", ports ? number(maybe_of(m->ports_used)) : json_null());
	put(o, "reuse",
	    m->is_client && m->reuse != REUSE_UNKNOWN
		    ? json_boolean(m->reuse == REUSE_WORKS)
		    : json_null());
	put(o, "reuse_is", text(m->is_client ? reuses[m->reuse] : NULL));
	put(o, "timestamps",
	    m->timestamps.known ? json_boolean(m->timestamps.n) : json_null());
	put(o, "old_enough", ports ? number(maybe_of(m->old_enough)) : json_null());
	put(o, "ports_held", ports ? number(maybe_of(facts_held(m))) : json_null());
	put(o, "budget", range ? number(maybe_of(facts_budget(f, m))) : json_null());
	put(o, "used_pct",
	    range && ports ? percent(m->ports_used, facts_budget(f, m)) : json_null());
	put(o, "per_s", m->timed ? json_real((double)m->born_20s / 20) : json_null());
	put(o, "full_in_s", seconds(m->full_in_ms));
	put(o, "until", text(until_names[m->until]));
	return o;
}

static json_t *remotes_json(const struct facts *f)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < f->n_remotes; i++)
		json_array_append_new(list, remote_json(f, &f->remote[i]));
	return list;
}

static json_t *listeners_json(const struct facts *f)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < f->n_listeners; i++) {
		json_t *o = json_object();

		put(o, "address", text(f->listener[i].address));
		put_count(o, "waiting", f->listener[i].waiting);
		put(o, "limit", number(f->listener[i].limit));
		json_array_append_new(list, o);
	}
	return list;
}

/* ---- rates */

static json_t *rate_json(const struct facts *f)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < FACTS_SECONDS && f->timed; i++)
		json_array_append_new(list, json_pack("{s:i, s:I}", "ago_s", (int)i,
						      "born", (json_int_t)f->born[i]));
	return list;
}

static uint64_t born(const struct facts *f, unsigned seconds_ago)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < seconds_ago; i++)
		n += f->born[i];
	return n;
}

static json_t *time_wait_json(const struct facts *f)
{
	struct maybe n = f->states[STATE_TIME_WAIT];
	json_t *o = json_object();

	put(o, "timed", f->timed ? number(maybe_of(f->timed)) : json_null());
	put(o, "expired", f->timed ? number(maybe_of(f->expired)) : json_null());
	put(o, "per_s_20", f->timed ? json_real((double)born(f, 20) / 20) : json_null());
	put(o, "per_s_60",
	    f->timed ? json_real((double)born(f, FACTS_SECONDS) / FACTS_SECONDS)
		     : json_null());
	put_count(o, "listed", f->listed_time_wait);
	put(o, "about_per_s", n.known ? json_real((double)n.n / 60) : json_null());
	return o;
}

/* ---- the facts by themselves */

static const struct facts_remote *soonest(const struct facts *f)
{
	const struct facts_remote *best = NULL;

	for (unsigned i = 0; i < f->n_remotes; i++)
		if (f->remote[i].full_in_ms.known &&
		    (!best || f->remote[i].full_in_ms.n < best->full_in_ms.n))
			best = &f->remote[i];
	return best;
}

static json_t *one_remote(const struct facts *f, const struct facts_remote *m)
{
	static const struct facts_remote none;
	json_t *o;

	if (m)
		return remote_json(f, m);
	o = remote_json(f, &none);
	put(o, "sockets", json_null());
	put(o, "side", json_null());
	/* A whole list without a connection from here: no port is taken. */
	if (f->read->any_all && f->worth == WORTH_EXACT)
		put_count(o, "ports_used", 0);
	put(o, "states", json_object());
	return o;
}

static json_t *place_json(const struct facts_place *p)
{
	json_t *o = json_object();

	put(o, "n", number(p->n));
	put(o, "at", text(p->at));
	put(o, "unread", p->n.known ? number(maybe_of(p->unread)) : json_null());
	put(o, "owner", text(p->owner));
	put(o, "oldest_s", seconds(p->oldest_ms));
	return o;
}

/* CLOSE_WAIT that some program has. */
static json_t *close_wait_all(const struct facts *f)
{
	struct maybe all = f->states[STATE_CLOSE_WAIT];

	if (f->not_accepted.n.known)
		all.n -= f->not_accepted.n.n < all.n ? f->not_accepted.n.n : all.n;
	return number(all);
}

/* Those that have lasted for a second, or may have. */
static json_t *lasting_json(const struct facts *f)
{
	struct maybe close_wait = f->states[STATE_CLOSE_WAIT];
	struct maybe fin_wait2 = f->states[STATE_FIN_WAIT2];
	struct maybe syn_sent = f->states[STATE_SYN_SENT];

	close_wait.n -= f->close_wait.passing;
	fin_wait2.n -= f->fin_wait2.passing;
	syn_sent.n -= f->syn_sent.passing;
	return json_pack("{s:o, s:o, s:o}", "CLOSE_WAIT", number(close_wait), "FIN_WAIT2",
			 number(fin_wait2), "SYN_SENT", number(syn_sent));
}

static json_t *range_json(const struct facts *f)
{
	json_t *o = json_object();
	bool known = !f->range_other;

	put(o, "lo", known ? number(maybe_of(f->lo)) : json_null());
	put(o, "hi", known ? number(maybe_of(f->hi)) : json_null());
	put(o, "ports", known ? number(maybe_of(f->ports)) : json_null());
	put(o, "assumed", json_boolean(f->range_assumed && known));
	put(o, "other", json_boolean(f->range_other));
	put(o, "reserved", number(f->reserved));
	return o;
}

static json_t *sysctls_json(const struct reading *r)
{
	json_t *o = json_object();

#define X(id, name) put(o, "net." name, number(r->sysctl[DS_##id]));
	DOCTOR_SYSCTLS(X)
#undef X
	return o;
}

static json_t *log_json(const struct reading *r)
{
	json_t *o = json_object();

#define X(id, words, others) put_count(o, #id, r->log[DL_##id]);
	DOCTOR_LOG(X)
#undef X
	put(o, "suppressed", json_integer((json_int_t)r->log_suppressed));
	return o;
}

/* null where it did not grow, too. */
static json_t *grown(struct maybe now, struct maybe first)
{
	bool more = now.known && first.known && now.n > first.n;

	return more ? number(maybe_of(now.n - first.n)) : json_null();
}

static void put_counters(json_t *facts, const struct reading *r)
{
	json_t *now = json_object(), *more = json_object();

	for (unsigned i = 0; i < KERNEL_COUNTERS; i++) {
		struct maybe n = r->counter[i], first = r->counter_first[i];

		put(now, kernel_counter_name(i), number(n));
		put(more, kernel_counter_name(i), grown(n, first));
	}
	put(facts, "counters", now);
	put(facts, "grown", more);
}

static void put_totals(json_t *o, const struct reading *r)
{
	put(o, "sockstat",
	    json_pack("{s:o, s:o, s:o, s:o, s:o}", "inuse", number(r->sockstat.inuse),
		      "orphan", number(r->sockstat.orphan), "tw", number(r->sockstat.tw),
		      "alloc", number(r->sockstat.alloc), "mem",
		      number(r->sockstat.mem)));
	put(o, "summary",
	    json_pack("{s:o, s:o, s:o, s:o, s:o}", "estab", number(r->summary.estab),
		      "closed", number(r->summary.closed), "orphaned",
		      number(r->summary.orphaned), "synrecv", number(r->summary.synrecv),
		      "timewait", number(r->summary.timewait)));
	put(o, "tcp_mem",
	    json_pack("{s:o, s:o, s:o}", "low", number(r->tcp_mem[0]), "pressure",
		      number(r->tcp_mem[1]), "high", number(r->tcp_mem[2])));
	put(o, "conntrack",
	    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "insert_failed_grown",
		      grown(r->conntrack.insert_failed, r->conntrack.first_failed),
		      "count", number(r->sysctl[DS_conntrack_count]), "max",
		      number(r->sysctl[DS_conntrack_max]), "found",
		      number(r->conntrack.found), "insert", number(r->conntrack.insert),
		      "insert_failed", number(r->conntrack.insert_failed), "drop",
		      number(r->conntrack.drop), "early_drop",
		      number(r->conntrack.early_drop)));
	put(o, "descriptors",
	    json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "used", number(r->fd_used),
		      "limit", number(r->fd_limit), "owner", text(r->fd_owner),
		      "open_files", number(r->open_files), "file_nr", number(r->file_nr),
		      "file_max", number(r->file_max)));
	put(o, "source_address",
	    json_pack("{s:o, s:o, s:o, s:o}", "bind_failed",
		      json_integer((json_int_t)r->bind_no_port), "address",
		      text(r->bind_address), "counted", number(r->from_address),
		      "counted_address", text(r->from_text)));
}

static json_t *most_have_json(const struct reading *r)
{
	const struct endpoint *end = &r->most_have.end;
	bool known = r->most_have.n.known;
	char at[ENDPOINT_TEXT] = "";
	json_t *o = json_object();

	if (known)
		(end->port ? endpoint_print : endpoint_host)(end, &r->names, at);
	put(o, "n", number(r->most_have.n));
	put(o, "at", text(at));
	put(o, "port", known && end->port ? number(maybe_of(end->port)) : json_null());
	return o;
}

static json_t *hosts_json(const struct reading *r)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < r->n_hosts; i++)
		json_array_append_new(list, utf8_json(r->host[i]));
	return list;
}

static const char *const systems[] = { NULL, "linux", "bsd", "windows" };
static const char *const worths[] = { "nothing", "counts only", "lower bound", "exact" };

static json_t *facts_json(const struct facts *f)
{
	const struct reading *r = f->read;
	static const struct facts_listener nobody;
	const struct facts_listener *l = f->n_listeners ? &f->listener[0] : &nobody;
	json_t *o = json_object();

	put_text(o, "system", systems[f->system]);
	put_text(o, "worth", worths[f->worth]);
	put(o, "at_least",
	    json_boolean(f->worth == WORTH_LOWER_BOUND || r->counted_part));
	put(o, "hosts", hosts_json(r));
	put(o, "closes_first", text(f->closes_first));
	put_count(o, "listed", f->listed);
	put(o, "cut", json_boolean(r->cut));
	put(o, "lost", json_boolean(r->lost));
	put(o, "headed", json_boolean(r->whole_lists > 0));
	put(o, "filtered", json_boolean(r->filtered));
	put(o, "connections", number(f->connections));
	put(o, "open", number(f->open));
	put(o, "range", range_json(f));
	put(o, "time_wait", time_wait_json(f));
	put(o, "busiest", one_remote(f, facts_busiest(f)));
	put(o, "soonest", one_remote(f, soonest(f)));
	put(o, "same_parity", json_boolean(f->same_parity));
	put(o, "close_wait", place_json(&f->close_wait));
	put(o, "close_wait_all", close_wait_all(f));
	put(o, "lasting", lasting_json(f));
	put(o, "fin_wait2", place_json(&f->fin_wait2));
	put(o, "served", place_json(&f->served));
	put(o, "syn_sent", place_json(&f->syn_sent));
	put(o, "syn_recv", place_json(&f->syn_recv));
	put(o, "not_accepted", place_json(&f->not_accepted));
	put(o, "backlog",
	    json_pack("{s:o, s:o, s:o, s:o}", "at", text(l->address), "owner",
		      text(f->backlog.owner), "waiting",
		      f->n_listeners ? number(maybe_of(l->waiting)) : json_null(),
		      "limit", number(l->limit)));
	put(o, "interval_s", seconds(r->interval_ms));
	doc_live_facts(o, f);
	put_totals(o, r);
	put(o, "most_have", most_have_json(r));
	put(o, "sysctl", sysctls_json(r));
	put_counters(o, r);
	put(o, "log", log_json(r));
	return o;
}

json_t *doc_of(const struct facts *f)
{
	json_t *o = json_object();

	put_text(o, "schema", DOCTOR_SCHEMA);
	put_text(o, "source", f->read->live ? "live" : "text");
	put(o, "tool", result_tool());
	put(o, "states", states_json(f->states));
	put(o, "remote", remotes_json(f));
	put(o, "more_remotes", number(f->more_remotes));
	put(o, "listen", listeners_json(f));
	put(o, "rate", rate_json(f));
	put(o, "failing", doc_live_failing(f));
	put(o, "facts", facts_json(f));
	put(o, "lines",
	    json_pack("{s:I, s:I}", "read", (json_int_t)f->read->lines, "understood",
		      (json_int_t)f->read->understood));
	return o;
}

json_t *doc_skeleton(void)
{
	static struct reading nothing;
	static struct facts f;
	json_t *doc;

	f.read = &nothing;
	f.n_remotes = FACTS_REMOTES;
	f.n_listeners = FACTS_LISTENERS;
	f.timed = 1;
	doc = doc_of(&f);
	for (unsigned i = 0; i < FACTS_REMOTES; i++)
		put(json_array_get(json_object_get(doc, "remote"), i), "states",
		    states_json(f.states));
	return doc;
}
