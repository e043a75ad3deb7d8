#include "bench/states/print.h"

#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/result/result.h"

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* All eleven; null = not asked for. */
static json_t *all_states(const struct states_view *v)
{
	json_t *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		put(o, tcp_state_name(i),
		    v->want->states >> i & 1 ? count(v->shot->states.n[i]) : json_null());
	return o;
}

static json_t *time_left(const struct states_view *v)
{
	json_t *o;

	if (!(v->want->states >> STATE_TIME_WAIT & 1))
		return json_null();
	o = json_object();
	for (unsigned i = 0; i < STATES_LEFT_BUCKETS; i++)
		put_count(o, states_left_name(i), v->shot->left[i]);
	return o;
}

static json_t *sockstat(const struct states_shot *shot)
{
	if (!shot->has_sockstat)
		return json_null();
	return json_pack("{s:o, s:o}", "tw", count(shot->sockstat.tw), "inuse",
			 count(shot->sockstat.inuse));
}

/* A group's states, those somebody is in. */
static json_t *group_json(const struct states_group *g)
{
	char text[STATES_KEY_TEXT];
	json_t *states = json_object(), *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		if (g->n[i])
			put_count(states, tcp_state_name(i), g->n[i]);
	put_text(o, "key", states_key_print(&g->key, text));
	if (!g->key.family || g->key.port) {
		put_count(o, "port", g->key.port);
		put_text(o, "side", g->key.is_client ? "client" : "server");
	}
	put_count(o, "total", g->total);
	put(o, "states", states);
	return o;
}

static void add_groups(const struct states_view *v, json_t *o)
{
	const struct states_groups *g = v->shot->groups;
	json_t *list = json_array();
	uint64_t rest = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (i < v->top)
			json_array_append_new(list, group_json(&g->at[i]));
		else
			rest += g->at[i].total;
	}
	put_text(o, "by", states_by_names[v->want->by]);
	put(o, "groups", list);
	put_count(o, "groups_seen", g->n);
	put_count(o, "sockets_not_shown", rest);
	put_count(o, "sockets_over_limit", g->over_limit);
	put_count(o, "groups_limit", STATES_GROUPS_MAX);
}

static void add_filter(const struct states_view *v, json_t *o)
{
	if (v->ports_text)
		put_text(o, "only_ports", v->ports_text);
	if (v->states_text)
		put_text(o, "only_states", v->states_text);
}

json_t *states_json(const struct states_view *v)
{
	const struct states_source *s = v->source;
	json_t *o = json_object();
	char when[32];

	if (!o)
		return NULL;
	clock_rfc3339(v->shot->wall_ns, when, sizeof(when));
	put_text(o, "schema", STATES_SCHEMA);
	put_text(o, "taken_at", when);
	put(o, "host",
	    json_pack("{s:s, s:o}", "kernel", s->host.kernel, "netns",
		      count(s->host.netns)));
	put_text(o, "method", s->method);
	if (!s->diag)
		put_text(o, "method_reason", s->why_no_diag.text);
	add_filter(v, o);
	put(o, "states", all_states(v));
	put_count(o, "total", tcp_states_total(&v->shot->states));
	put(o, "sockstat", sockstat(v->shot));
	put(o, "time_wait_left_s", time_left(v));
	put(o, "cost_ms", json_real(v->shot->cost_ms));
	if (v->want->by != STATES_BY_STATE)
		add_groups(v, o);
	return o;
}
