#include "bench/observe/observed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "bench/observe/document.h"
#include "common/base/clock.h"
#include "common/base/put.h"
#include "common/result/result.h"

/* ---- moments */

static bool is_moment(const char *key)
{
	static const char *const moments[] = { "t",
					       "full_at_s",
					       "held_by_at_s",
					       "predicted_full_s",
					       "predicted_at_s",
					       "first_no_port_s",
					       "time_wait_last_s",
					       "last_s" };

	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++)
		if (strcmp(key, moments[i]) == 0)
			return true;
	return false;
}

static void move(json_t *value, double by_s)
{
	const char *key;
	json_t *one;
	size_t i;

	json_array_foreach (value, i, one)
		move(one, by_s);
	json_object_foreach (value, key, one) {
		if (is_moment(key) && json_is_real(one))
			json_real_set(one, json_real_value(one) + by_s);
		else
			move(one, by_s);
	}
}

/* When the run began, by the clock on the wall, in seconds; 0 = not known. */
static double began_s(const json_t *result)
{
	const char *text = json_string_value(result_at(result, "run.started_at"));
	struct tm tm = { 0 };
	const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;

	return rest ? (double)timegm(&tm) + strtod(rest, NULL) : 0;
}

/* ---- whether connect() found no port */

#define ASK                                                                              \
	"no client of ours was told so; of other programs observe-failures = yes shows " \
	"it"
#define LOST "destroyed sockets were lost"
#define UNPLACED                                                                         \
	"a connect() to that address found no port, and for which of its ports it was "  \
	"is not known"

static void decide_end(json_t *ports, const json_t *failures)
{
	bool lost = json_integer_value(json_object_get(failures, "lost")) > 0;
	bool unplaced =
		json_integer_value(json_object_get(ports, "no_port_unplaced")) > 0;
	bool none = json_is_object(failures) && !lost && !unplaced;
	const char *reason = !json_is_object(failures) ? ASK : lost ? LOST : UNPLACED;

	if (json_is_true(json_object_get(ports, "exhausted"))) {
		put_text(ports, "exhausted_reason", NULL);
		return;
	}
	put(ports, "exhausted", none ? json_false() : json_null());
	put_text(ports, "exhausted_reason", none ? NULL : reason);
}

static void decide(json_t *hosts)
{
	const char *name, *address;
	json_t *host, *to;

	json_object_foreach (hosts, name, host) {
		json_object_foreach (json_object_get(host, "to"), address, to)
			decide_end(json_object_get(to, "ports"),
				   json_object_get(host, "failures"));
	}
}

static bool found_no_port(const json_t *target)
{
	json_t *failed = json_object_get(target, "failed");

	return json_object_get(failed, "EADDRNOTAVAIL") ||
	       json_object_get(failed, "EADDRINUSE");
}

void observed_client(json_t *doc, const char *host, const char *client,
		     const json_t *result)
{
	json_t *seen = json_object_get(json_object_get(doc, "hosts"), host), *target;
	size_t i;

	if (!json_is_true(result_at(result, "ports.exhausted")))
		return;
	json_array_foreach (json_object_get(result, "targets"), i, target) {
		const char *address =
			json_string_value(json_object_get(target, "address"));
		json_t *to = json_object_get(json_object_get(seen, "to"), address);
		json_t *ports = json_object_get(to, "ports");

		if (!ports || !found_no_port(target) ||
		    json_is_true(json_object_get(ports, "exhausted")))
			continue;
		put(ports, "exhausted", json_true());
		put(ports, "exhausted_by", json_sprintf("client %s", client));
	}
}

/* ---- for a result */

json_t *observed_hosts(const json_t *doc, const json_t *result)
{
	json_t *hosts = json_deep_copy(json_object_get(doc, "hosts"));
	double at_s = (double)json_integer_value(json_object_get(doc, "begin_wall_ns")) /
		      NS_PER_S;
	double began = began_s(result);

	if (began > 0)
		move(hosts, at_s - began);
	decide(hosts);
	return hosts;
}

static void rename_only(json_t *ends)
{
	json_t *one = json_object_iter_value(json_object_iter(ends));

	json_incref(one);
	json_object_clear(ends);
	put(ends, "*", one);
}

json_t *observed_skeleton(bool failures)
{
	const struct observe_host host = { .name = "*", .failures = failures };
	struct ends_row rows[] = {
		{ .key = { .kind = ENDS_TO, .end.family = AF_INET }, .full.full = true },
		{ .key = { .kind = ENDS_FROM, .end.family = AF_INET },
		  .full.full = true },
		{ .key = { .kind = ENDS_AT, .end = { .family = AF_INET, .port = 1 } } },
	};
	struct counted *w = calloc(1, sizeof(*w));
	json_t *doc, *to;

	if (!w)
		return NULL;
	w->host = &host;
	w->ends.at = rows;
	w->conntrack.now.max = 1;
	w->ends.n = sizeof(rows) / sizeof(*rows);
	doc = document_host(w, 0);
	free(w);
	to = json_object_get(doc, "to");
	rename_only(to);
	rename_only(json_object_get(doc, "at"));
	to = json_object_get(to, "*");
	rename_only(json_object_get(to, "from"));
	decide_end(json_object_get(to, "ports"), json_object_get(doc, "failures"));
	return doc;
}
