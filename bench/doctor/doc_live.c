#include "bench/doctor/doc_live.h"

#include "bench/doctor/doc_value.h"
#include "bench/doctor/tally.h"
#include "common/base/put.h"

static const char *const traffic_names[TRAFFIC_MAX] = {
#define X(id, name) [TRAFFIC_##id] = name,
	TRAFFIC_LIST(X)
#undef X
};

static bool is_failure(unsigned kind)
{
	return kind <= TRAFFIC_NO_ANSWER;
}

static json_t *failing_json(const struct facts *f)
{
	const struct failing *r = &f->read->failing;
	json_t *o = json_object();

	put(o, "window_s",
	    r->known ? json_real((double)r->window_ms / 1000) : json_null());
	put(o, "events", r->known ? number(maybe_of(r->events)) : json_null());
	put(o, "lost", r->known ? number(maybe_of(r->lost)) : json_null());
	put(o, "why_not", text(r->why_not));
	for (unsigned i = 0; i < TRAFFIC_MAX; i++) {
		const struct facts_failing *p = &f->failing[i];
		bool any = p->n.known && p->n.n;

		if (is_failure(i))
			put(o, traffic_names[i],
			    json_pack("{s:o, s:o, s:o}", "n", number(p->n), "most",
				      any ? number(maybe_of(p->most)) : json_null(), "at",
				      any ? text(p->at) : json_null()));
	}
	return o;
}

json_t *doc_live_failing(const struct facts *f)
{
	const struct tally_table *by = f->read->failing.by;
	json_t *list = json_array();
	char address[ENDPOINT_TEXT];

	for (size_t i = 0; by && i < by->n && json_array_size(list) < FACTS_REMOTES;
	     i++) {
		const struct tally_key *key = &by->at[i].key;
		struct endpoint e = tally_end(key);
		json_t *o;

		if (!is_failure(key->extra))
			continue;
		o = json_object();
		put(o, "address",
		    text((e.port ? endpoint_print : endpoint_host)(&e, &f->read->names,
								   address)));
		put_text(o, "what", traffic_names[key->extra]);
		put_count(o, "n", by->at[i].n);
		json_array_append_new(list, o);
	}
	return list;
}

/* By counters, between the two looks. */
static json_t *per_second(const struct reading *r, enum kernel_counter c)
{
	double n;

	return facts_per_second(r, c, &n) ? json_real(n) : json_null();
}

static json_t *growth_json(const struct facts *f)
{
	json_t *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++) {
		struct maybe now = f->states[i], first = f->read->first_states[i];

		put(o, tcp_state_name(i),
		    now.known && first.known
			    ? json_integer((json_int_t)now.n - (json_int_t)first.n)
			    : json_null());
	}
	return o;
}

void doc_live_facts(json_t *facts, const struct facts *f)
{
	const struct reading *r = f->read;
	json_t *not_told = json_array();

	put_text(facts, "method", r->method);
	put(facts, "method_why", text(r->method_why));
	for (unsigned i = 0; i < r->n_not_told; i++)
		json_array_append_new(not_told, json_string(r->not_told[i]));
	put(facts, "not_told", not_told);
	put(facts, "folded",
	    f->listed && r->seen.merging ? number(maybe_of(r->folded)) : json_null());
	put(facts, "not_for_connect", number(r->not_for_connect));
	put(facts, "bound_early", number(f->bound_early));
	put(facts, "failing", failing_json(f));
	put(facts, "growth", growth_json(f));
	put(facts, "per_s",
	    json_pack("{s:o, s:o, s:o, s:o}", "opened", per_second(r, KC_ActiveOpens),
		      "accepted", per_second(r, KC_PassiveOpens), "time_wait",
		      per_second(r, KC_TW), "reused", per_second(r, KC_TWRecycled)));
	put(facts, "pool",
	    json_pack("{s:o, s:o, s:o, s:o}", "at", text(f->pool.at), "closed",
		      number(f->pool.closed), "kept_used", number(f->pool.kept_used),
		      "kept_idle", number(f->pool.kept_idle)));
	put(facts, "users",
	    json_pack("{s:o, s:o}", "n", number(f->users.n), "owner",
		      text(f->users.owner)));
}
