#include "common/base/put.h"
#include "common/result/compare.h"

#include <stdbool.h>
#include <string.h>
#include "common/result/paths.h"
#include "common/result/result.h"

/* clang-format off */
static const struct figure {
	const char *path, *title;
} figures[] = {
	{ "complete",                        "complete" },
	{ "run.duration_s",                  "duration" },
	{ "totals.connects_started",         "connections started" },
	{ "totals.connects_ok",              "connections made" },
	{ "totals.transactions_ok",          "transactions" },
	{ "totals.missed_starts",            "arrivals missed" },
	{ "rate.connections_per_s",          "connection rate" },
	{ "rate.transactions_per_s",         "transaction rate" },
	{ "ports.budget",                    "port budget" },
	{ "ports.peak_in_use",               "ports in use, peak" },
	{ "ports.exhausted",                 "ports ran out" },
	{ "ports.first_exhausted_s",         "ran out after" },
	{ "ports.predicted_exhaustion_s",    "predicted for" },
	{ "ports.exhausted_for_s",           "no port for" },
	{ "ports.recovered_at_s",            "a port came back at" },
	{ "ports.predicted_max_rate",        "rate the ports sustain" },
	{ NULL,                              NULL }, /* the groups come here */
	{ "latency_us.connect_call.p50",     "connect() call, p50" },
	{ "latency_us.connect_call.p99",     "connect() call, p99" },
	{ "latency_us.connect.p50",          "connect, p50" },
	{ "latency_us.connect.p99",          "connect, p99" },
	{ "latency_us.transaction.p50",      "transaction, p50" },
	{ "latency_us.transaction.p90",      "transaction, p90" },
	{ "latency_us.transaction.p99",      "transaction, p99" },
	{ "latency_us.transaction.max",      "transaction, max" },
	{ "latency_us.close.p99",            "close() call, p99" },
	{ "cpu.client.us_per_connection",    "client CPU a connection" },
	{ "cpu.server.us_per_connection",    "server CPU a connection" },
	{ "lost.to_server_bytes",            "lost to the server" },
	{ "lost.to_client_bytes",            "lost to the client" },
	{ "pool.connections_opened",         "pool: connections opened" },
	{ "ledger.balanced",                 "ledger balanced" },
};

/* Objects of counts: each key that is not 0 in some result is a figure. */
static const struct group {
	const char *path, *before, *after; /* the title is the key between these two */
} groups[] = {
	{ "errors.socket",       "socket ", "" },
	{ "errors.bind",         "bind ", "" },
	{ "errors.connect",      "connect ", "" },
	{ "errors.transfer",     "transfer ", "" },
	{ "errors.timeout",      "timeout ", "" },
	{ "states.client.peak",  "client ", ", peak" },
	{ "states.client.end",   "client ", ", end" },
	{ "states.server.peak",  "server ", ", peak" },
	{ "states.server.end",   "server ", ", end" },
};
/* clang-format on */

#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_t *value_of(const json_t *v)
{
	if (json_is_real(v))
		return result_real(json_real_value(v));
	if (json_is_integer(v) || json_is_boolean(v))
		return json_deep_copy(v);
	return json_null();
}

static json_t *ratios_of(const json_t *values)
{
	const json_t *first = json_array_get(values, 0);
	json_t *all = json_array(), *v;
	size_t i;

	json_array_foreach ((json_t *)values, i, v) {
		bool has = json_is_number(v) && json_is_number(first) &&
			   json_number_value(first) != 0;

		json_array_append_new(all, has ? result_real(json_number_value(v) /
							     json_number_value(first))
					       : json_null());
	}
	return all;
}

/* Without memory for the path it is NULL, and the document will not be handed on. */
static void add(json_t *doc, const char *path, json_t *title, json_t *values)
{
	put(json_object_get(doc, "titles"), path, title);
	put_text(json_object_get(doc, "units"), path, paths_unit(path ? path : ""));
	put(json_object_get(doc, "ratios"), path, ratios_of(values));
	put(json_object_get(doc, "figures"), path, values);
}

static void add_figure(json_t *doc, const json_t *results, const struct figure *f)
{
	json_t *values = json_array(), *result;
	size_t i;

	json_array_foreach ((json_t *)results, i, result)
		json_array_append_new(values, value_of(result_at(result, f->path)));
	add(doc, f->path, json_string(f->title), values);
}

/* An errno or state that never came has no key and is 0, if its group was measured. */
static void add_key(json_t *doc, const json_t *results, const struct group *g,
		    const char *key)
{
	json_t *values = json_array(), *path, *result;
	size_t i;

	json_array_foreach ((json_t *)results, i, result) {
		const json_t *group = result_at(result, g->path),
			     *v = json_object_get(group, key);

		json_array_append_new(values, v                       ? value_of(v)
					      : json_is_object(group) ? json_integer(0)
								      : json_null());
	}
	path = json_sprintf("%s.%s", g->path, key);
	add(doc, json_string_value(path),
	    json_sprintf("%s%s%s", g->before, key, g->after), values);
	json_decref(path);
}

static void add_group(json_t *doc, const json_t *results, const struct group *g)
{
	json_t *seen = json_object(), *result, *value;
	const char *key;
	size_t i;

	json_array_foreach ((json_t *)results, i, result)
		json_object_foreach ((json_t *)result_at(result, g->path), key, value) {
			/* LISTEN is no connection's. */
			if (json_number_value(value) != 0 && strcmp(key, "LISTEN") != 0)
				put(seen, key, json_true());
		}
	json_object_foreach (seen, key, value)
		add_key(doc, results, g, key);
	json_decref(seen);
}

static void add_groups(json_t *doc, const json_t *results)
{
	for (size_t i = 0; i < N(groups); i++)
		add_group(doc, results, &groups[i]);
}

json_t *compare_results(const json_t *results, const json_t *labels)
{
	json_t *doc = json_pack("{s:s, s:o, s:O, s:{}, s:{}, s:{}, s:{}}", "schema",
				COMPARE_SCHEMA, "tool", result_tool(), "labels", labels,
				"titles", "units", "figures", "ratios");

	for (size_t i = 0; i < N(figures); i++)
		if (figures[i].path)
			add_figure(doc, results, &figures[i]);
		else
			add_groups(doc, results);
	return doc;
}
