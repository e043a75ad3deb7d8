#include "bench/merge/derived.h"

#include <stdio.h>
#include <string.h>

#include "common/base/put.h"
#include "common/result/result.h"
#include "common/result/story.h"

static double figure(const json_t *doc, const char *path)
{
	return json_number_value(result_at(doc, path));
}

static json_t *rate(const json_t *doc, double s)
{
	return json_pack(
		"{s:o, s:o}", "connections_per_s",
		result_real(s > 0 ? figure(doc, "totals.connects_ok") / s : 0),
		"transactions_per_s",
		result_real(s > 0 ? figure(doc, "totals.transactions_ok") / s : 0));
}

static void set_resumed_share(json_t *doc)
{
	json_t *tls = json_object_get(doc, "tls");
	double resumed = figure(doc, "tls.handshakes.resumed");
	double all = resumed + figure(doc, "tls.handshakes.full");

	if (json_is_object(tls))
		put(tls, "resumed_share",
		    all > 0 ? json_real(resumed / all) : json_null());
}

static void set_cpu(json_t *doc, const char *side, double connections)
{
	json_t *cpu = json_object_get(json_object_get(doc, "cpu"), side);
	double s = json_number_value(json_object_get(cpu, "user_s")) +
		   json_number_value(json_object_get(cpu, "system_s"));

	if (json_is_object(cpu))
		put(cpu, "us_per_connection",
		    connections > 0 ? result_real(s * 1e6 / connections) : json_null());
}

/* A connection that two ranks of one namespace see is a stranger to each of them, and the kernel's
 * count is of both: what was compared with it cannot be added. */
static void set_ledger(json_t *doc, bool shared)
{
	json_t *ledger = json_object_get(doc, "ledger"), *checks, *check;
	json_t *not_compared = json_object_get(ledger, "not_compared");
	size_t i;

	if (!json_is_object(ledger))
		return;
	if (!not_compared) {
		not_compared = json_array();
		put(ledger, "not_compared", not_compared);
	}
	checks = json_object_get(ledger, "checks");
	for (i = json_array_size(checks); i-- > 0;) {
		check = json_array_get(checks, i);
		if (!(shared && json_object_get(check, "kernel")) &&
		    !json_is_null(json_object_get(check, "kernel")) &&
		    !json_is_null(json_object_get(check, "server")) &&
		    !json_is_null(json_object_get(check, "ours")))
			continue;
		json_array_insert_new(
			not_compared, 0,
			json_pack("{s:O, s:s}", "what", json_object_get(check, "what"),
				  "reason",
				  shared ? "ranks share a network namespace"
					 : "some ranks did not compare it"));
		json_array_remove(checks, i);
	}
	if (shared)
		json_object_del(ledger, "found");
	put(ledger, "explanation",
	    json_is_object(json_object_get(ledger, "found"))
		    ? story_of_ledger(json_object_get(ledger, "found"))
		    : json_array());
}

/* A rank's fourth kind of failure and those below are a number: a kind may be among them. */
static void set_failures(json_t *doc)
{
	json_t *failures = json_object_get(doc, "failures");

	if (json_integer_value(json_object_get(failures, "others")) > 0)
		json_object_del(doc, "failures");
}

/* Why a figure is null is not said where another rank has it. */
static void drop_reasons(json_t *o)
{
	char name[100];
	const char *key;
	json_t *v, *of;
	void *next;

	json_object_foreach_safe(o, next, key, v)
	{
		size_t len = strlen(key);

		if (json_is_object(v))
			drop_reasons(v);
		if (len < 8 || len > sizeof(name) ||
		    strcmp(key + len - 7, "_reason") != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len - 7, key);
		of = json_object_get(o, name);
		if (of && !json_is_null(of))
			json_object_del(o, key);
	}
}

/* What cannot be had from the figures of the ranks. */
static void set_unknown(json_t *doc)
{
	put(doc, "connect_by_fill", json_null());
	put_text(doc, "connect_by_fill_reason",
		 "it has quantiles of each rank, which cannot be added: see ranks[]");
	put(doc, "drain",
	    json_pack("{s:n, s:n, s:n, s:n}", "steps", "began_s", "ended_s", "step_s"));
}

/* The server's counts of all its clients are no sum of what its clients were told. */
static void set_server(json_t *doc)
{
	if (!json_is_false(json_object_get(doc, "server_own")) ||
	    !json_is_object(json_object_get(doc, "server")))
		return;
	put(doc, "server", json_null());
	put_text(doc, "server_reason",
		 "the server's counts are of all its clients, so they cannot be added: "
		 "see ranks[], or merge the server's own result as well");
}

void derived_set(json_t *doc, size_t ranks, unsigned spaces, double duration_s)
{
	put(doc, "rate", rate(doc, duration_s));
	drop_reasons(doc);
	set_unknown(doc);
	set_failures(doc);
	if (ranks > 1)
		set_server(doc);
	set_ledger(doc, spaces < ranks);
	set_resumed_share(doc);
	set_cpu(doc, "client", figure(doc, "totals.connects_ok"));
	set_cpu(doc, "server", figure(doc, "server.totals.accepted"));
}
