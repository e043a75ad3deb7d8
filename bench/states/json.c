#include "bench/states/print.h"

#include "common/base/clock.h"

static json_t *count(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* All eleven; null = not asked for. */
static json_t *all_states(const struct states_view *v)
{
	json_t *o = json_object();

	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		json_object_set_new(o, tcp_state_name(i),
				    v->want->states >> i & 1 ? count(v->shot->states.n[i])
							     : json_null());
	return o;
}

static json_t *time_left(const struct states_view *v)
{
	json_t *o;

	if (!(v->want->states >> STATE_TIME_WAIT & 1))
		return json_null();
	o = json_object();
	for (unsigned i = 0; i < STATES_LEFT_BUCKETS; i++)
		json_object_set_new(o, states_left_name(i), count(v->shot->left[i]));
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
			json_object_set_new(states, tcp_state_name(i), count(g->n[i]));
	json_object_set_new(o, "key", json_string(states_key_print(&g->key, text)));
	if (!g->key.family) {
		json_object_set_new(o, "port", count(g->key.port));
		json_object_set_new(o, "side",
				    json_string(g->key.is_client ? "client" : "server"));
	}
	json_object_set_new(o, "total", count(g->total));
	json_object_set_new(o, "states", states);
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
	json_object_set_new(o, "by",
			    json_string(v->want->by == STATES_BY_PEER ? "peer" : "port"));
	json_object_set_new(o, "groups", list);
	json_object_set_new(o, "groups_seen", count(g->n));
	json_object_set_new(o, "sockets_not_shown", count(rest));
	json_object_set_new(o, "sockets_over_limit", count(g->over_limit));
	json_object_set_new(o, "groups_limit", count(STATES_GROUPS_MAX));
}

static void add_filter(const struct states_view *v, json_t *o)
{
	if (v->ports_text)
		json_object_set_new(o, "only_ports", json_string(v->ports_text));
	if (v->states_text)
		json_object_set_new(o, "only_states", json_string(v->states_text));
}

json_t *states_json(const struct states_view *v)
{
	const struct states_source *s = v->source;
	json_t *o = json_object();
	char when[32];

	if (!o)
		return NULL;
	clock_rfc3339(v->shot->wall_ns, when, sizeof(when));
	json_object_set_new(o, "schema", json_string("twstorm.states/1"));
	json_object_set_new(o, "taken_at", json_string(when));
	json_object_set_new(o, "host",
			    json_pack("{s:s, s:o}", "kernel", s->host.kernel, "netns",
				      count(s->host.netns)));
	json_object_set_new(o, "method", json_string(s->method));
	if (!s->diag)
		json_object_set_new(o, "method_reason", json_string(s->why_no_diag.text));
	add_filter(v, o);
	json_object_set_new(o, "states", all_states(v));
	json_object_set_new(o, "total", count(tcp_states_total(&v->shot->states)));
	json_object_set_new(o, "sockstat", sockstat(v->shot));
	json_object_set_new(o, "time_wait_left_s", time_left(v));
	json_object_set_new(o, "cost_ms", json_real(v->shot->cost_ms));
	if (v->want->by != STATES_BY_STATE)
		add_groups(v, o);
	return o;
}
