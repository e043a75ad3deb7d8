/* report_server - see report_server.h. */
#include "client/report_server.h"

#include <stdio.h>

#include "client/books_server.h"
#include "client/clock_offset.h"
#include "client/record.h"
#include "client/server_link.h"
#include "common/base/put.h"
#include "common/result/result.h"

const char *report_no_server(const struct client_record *run)
{
	if (!run->link)
		return "not asked: no --server-stats";
	return server_link_why_unknown(run->link);
}

void report_known(json_t *o, const char *key, json_t *stolen, const char *why_not)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "%s_reason", key);
	put(o, key, stolen ? stolen : json_null());
	if (!stolen)
		put_text(o, reason, why_not);
}

static json_t *server_delta(const struct client_record *run, const char *group)
{
	json_t *now = json_object_get(server_link_latest(run->link), group), *value;
	json_t *o = json_object();
	const char *key;

	json_object_foreach (now, key, value) {
		const json_t *before = json_object_get(
			json_object_get(server_link_first(run->link), group), key);
		int64_t n;

		put(o, key,
		    server_link_difference(value, before, &n) ? json_integer(n)
							      : json_null());
	}
	return o;
}

static bool asked_twice(const struct client_record *run)
{
	return server_link_first(run->link) && server_link_latest(run->link);
}

void report_server_counters(json_t *doc, const struct client_record *run)
{
	const struct kernel_counters none = { .known = ~0ull };
	json_t *o = NULL;

	if (run->skeleton)
		o = result_counters(&none);
	else if (!run->shared && asked_twice(run) &&
		 json_object_get(server_link_first(run->link), "counters"))
		o = server_delta(run, "counters");
	report_known(doc, "server_counters", o,
		     run->shared ? "both ends are in one network namespace: see counters"
				 : report_no_server(run));
}

static double link_delta_s(const struct client_record *run, const char *path)
{
	return json_number_value(result_at(server_link_latest(run->link), path)) -
	       json_number_value(result_at(server_link_first(run->link), path));
}

void report_server_cpu(json_t *cpu, const struct client_record *run)
{
	bool known = false;
	const char *of_all =
		server_link_is_own(run->link) ? "all.accepted" : "totals.accepted";
	int64_t accepted = server_link_delta(run->link, of_all, &known);
	json_t *o = NULL;

	if (known || run->skeleton)
		o = result_cpu(link_delta_s(run, "cpu.user_s"),
			       link_delta_s(run, "cpu.system_s"), (uint64_t)accepted);
	report_known(cpu, "server", o, report_no_server(run));
}

void report_server_memory(json_t *memory, const struct client_record *run)
{
	json_t *kb = result_at(server_link_latest(run->link), "memory.peak_kb");

	if (run->skeleton)
		kb = json_integer(0);
	else if (!json_is_integer(kb))
		kb = NULL;
	report_known(memory, "server_peak_kb", run->skeleton ? kb : json_incref(kb),
		     report_no_server(run));
}

void report_clock(json_t *doc, const struct client_record *run)
{
	struct clock_answer told = { 0 };
	const char *host = NULL, *why;
	json_t *o = NULL;

	why = run->link ? server_link_clock(run->link, &told, &host)
			: report_no_server(run);
	if (!why || run->skeleton)
		o = json_pack(
			"{s:I, s:I, s:s?}", "offset_us",
			(json_int_t)clock_offset_ns(&told, run->begin_ns,
						    run->begin_wall_ns) /
				(json_int_t)NS_PER_US,
			"error_us",
			(json_int_t)(clock_offset_error_ns(&told, run->begin_ns) /
				     NS_PER_US) +
				2, /* it is told in whole us, and so is the offset */
			"host", host);
	report_known(doc, "clock", o, why);
}

static json_t *lost_json(int64_t to_server, int64_t to_client)
{
	return json_pack("{s:I, s:I}", "to_server_bytes", (json_int_t)to_server,
			 "to_client_bytes", (json_int_t)to_client);
}

/* Bytes one side's kernel took and the other side's program never read: what RST costs. */
json_t *report_lost(const struct client_record *run, const struct client_tally *sum,
		    const struct books_server *server)
{
	const char *why = server->asked ? server->why : report_no_server(run);
	int64_t up, down;
	bool known;

	if (run->skeleton)
		return lost_json(0, 0);
	up = (int64_t)tally_get(&sum->bytes_sent) -
	     server_link_delta(run->link, "totals.bytes_received", &known);
	down = server_link_delta(run->link, "totals.bytes_sent", &known) -
	       (int64_t)tally_get(&sum->bytes_received);
	if (!why[0] && !known)
		why = report_no_server(run);
	else if (!why[0] && (up < 0 || down < 0))
		why = "the server's bytes are not those of our connections alone";
	if (why[0])
		return json_pack("{s:n, s:n, s:s}", "to_server_bytes", "to_client_bytes",
				 "reason", why);
	return lost_json(up, down);
}

/* Every key and no figure: what an expectation may name. */
static json_t *server_skeleton(const struct client_record *run)
{
	json_t *totals = json_object(), *ended = json_object();

#define SERVER_TOTAL(name, ...)   put_count(totals, #name, 0);
#define SERVER_END(id, name, ...) put_count(ended, name, 0);
#include "common/result/paths.def"
	return json_pack("{s:s, s:o, s:o, s:[], s:{s:{}, s:{}}, s:o}", "started_at", "",
			 "totals", totals, "ended", ended, "workers", "errors", "accept",
			 "transfer", "host", result_host(&run->host));
}

/* Failures over the run; those that never came have no key, nor have any without a base. */
static json_t *errors_of(const struct client_record *run, const char *path)
{
	json_t *now = result_at(server_link_latest(run->link), path), *value;
	const json_t *before = result_at(server_link_first(run->link), path);
	json_t *o = json_object();
	const char *name;

	json_object_foreach (now, name, value) {
		json_int_t n = json_integer_value(value) -
			       json_integer_value(json_object_get(before, name));

		if (before && n > 0)
			put(o, name, json_integer(n));
	}
	return o;
}

/* What each worker accepted over the run; null where the server does not say. */
static json_t *workers_of(const struct client_record *run)
{
	json_t *now = result_at(server_link_latest(run->link), "workers"), *one;
	const json_t *before = result_at(server_link_first(run->link), "workers");
	json_t *all = now ? json_array() : json_null();
	size_t i;

	json_array_foreach (now, i, one) {
		const json_t *was =
			json_object_get(json_array_get(before, i), "accepted");
		int64_t n;

		json_array_append_new(
			all, json_pack("{s:o}", "accepted",
				       server_link_difference(
					       json_object_get(one, "accepted"), was, &n)
					       ? json_integer(n)
					       : json_null()));
	}
	return all;
}

void report_server(json_t *doc, const struct client_record *run)
{
	const json_t *latest = server_link_latest(run->link);
	json_t *o = NULL;

	if (run->skeleton)
		o = server_skeleton(run);
	else if (asked_twice(run))
		o = json_pack("{s:O?, s:o, s:o, s:o, s:{s:o, s:o}, s:O?}", "started_at",
			      result_at(latest, "run.started_at"), "totals",
			      server_delta(run, "totals"), "ended",
			      server_delta(run, "ended"), "workers", workers_of(run),
			      "errors", "accept", errors_of(run, "errors.accept"),
			      "transfer", errors_of(run, "errors.transfer"), "host",
			      json_object_get(latest, "host"));
	report_known(doc, "server", o, report_no_server(run));
	put(doc, "server_exchanged",
	    run->link ? json_boolean(server_link_restarted(run->link)) : json_null());
}
