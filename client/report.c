#include "client/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/ledger.h"
#include "client/run.h"
#include "client/server_link.h"
#include "common/result.h"
#include "common/server_figures.h"

#define SAME_NETNS "both ends are in one network namespace: see counters"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* Seconds since the run began, or null for "never". */
static json_t *moment(const struct client_run *run, uint64_t ns)
{
	return ns ? result_real((double)(ns - run->begin_ns) / NS_PER_S) : json_null();
}

static json_t *not_negative(double v)
{
	return v >= 0 ? result_real(v) : json_null();
}

static double duration_s(const struct client_run *run)
{
	return (double)(run->over_ns - run->begin_ns) / NS_PER_S;
}

static json_t *run_json(const struct client_run *run)
{
	char started[32], id[64];

	clock_rfc3339(run->begin_wall_ns, started, sizeof(started));
	snprintf(id, sizeof(id), "%s-%d", started, (int)getpid());
	return json_pack("{s:s, s:o, s:s, s:o, s:i, s:i}", "id", id, "argv",
			 result_argv(run->argc, run->argv), "started_at", started,
			 "duration_s", result_real(duration_s(run)), "rank",
			 (int)run->plan.rank, "ranks", (int)run->plan.ranks);
}

static json_t *host_json(const struct client_run *run)
{
	json_t *host = result_host(&run->host);

	json_object_set_new(
		host, "loopback_reuse_warning",
		run->reuse_warning
			? json_string(
				  "the targets are on loopback and net.ipv4.tcp_tw_reuse "
				  "is "
				  "2, so this kernel takes TIME_WAIT ports again after "
				  "tcp_tw_reuse_delay: the storm a real network shows is "
				  "hidden here")
			: json_null());
	return host;
}

static json_t *totals_json(const struct client_tally *sum)
{
	json_t *o = json_object();

#define X(name) json_object_set_new(o, #name, number(tally_get(&sum->name)));
	CLIENT_TALLY_LIST(X)
#undef X
	return o;
}

static json_t *outcomes_json(const struct client_tally *sum)
{
	json_t *o = json_object();

	for (int i = 0; i < OUTCOMES; i++)
		json_object_set_new(o, outcome_name((enum outcome)i),
				    number(tally_get(&sum->outcome[i])));
	return o;
}

static json_t *errors_json(const struct client_tally *sum)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:{s:o, s:o}}", "socket",
			 result_errnos(&sum->failed[STAGE_SOCKET]), "bind",
			 result_errnos(&sum->failed[STAGE_BIND]), "connect",
			 result_errnos(&sum->failed[STAGE_CONNECT]), "transfer",
			 result_errnos(&sum->failed[STAGE_TRANSFER]), "timeout",
			 "connect", number(tally_get(&sum->timeout_connect)),
			 "transaction", number(tally_get(&sum->timeout_transaction)));
}

static json_t *rate_json(const struct client_run *run, const struct client_tally *sum)
{
	double s = duration_s(run);
	double ok = (double)tally_get(&sum->connects_ok);
	double done = (double)tally_get(&sum->transactions_ok);

	return json_pack("{s:o, s:o}", "connections_per_s",
			 result_real(s > 0 ? ok / s : 0), "transactions_per_s",
			 result_real(s > 0 ? done / s : 0));
}

static void set_hist(json_t *o, const struct client_run *run, const char *name, size_t at)
{
	struct hist all;

	if (hist_init(&all, NULL) < 0)
		return;
	for (unsigned i = 0; i < run->plan.workers; i++)
		hist_merge(&all,
			   (const struct hist *)((const char *)&run->workers[i]->hists +
						 at));
	json_object_set_new(o, name, result_hist(&all));
	hist_done(&all);
}

static json_t *latency_json(const struct client_run *run)
{
	json_t *o = json_object();

#define X(field, name) set_hist(o, run, name, offsetof(struct client_hists, field));
	CLIENT_HIST_LIST(X)
#undef X
	return o;
}

/* How long ports were out in all; an outage that never ended lasts to the end. */
static double exhausted_for_s(const struct client_run *run,
			      const struct client_tally *sum)
{
	uint64_t since = tally_get(&sum->exhausted_since_ns);
	uint64_t end = run->over_ns;

	return (double)(tally_get(&sum->exhausted_for_ns) +
			(since && end > since ? end - since : 0)) /
	       NS_PER_S;
}

static void set_prediction(json_t *o, const struct client_run *run)
{
	const struct ports_prediction *p = &run->prediction;
	bool late = run->late_prediction_s >= 0;
	double at = late ? run->late_prediction_s : p->exhaustion_s;

	json_object_set_new(o, "predicted_exhaustion_s", not_negative(at));
	json_object_set_new(o, "predicted_max_rate", not_negative(p->max_rate));
	json_object_set_new(
		o, "prediction",
		json_pack("{s:o, s:s, s:b, s:o}", "made_at_s",
			  late ? json_real(run->late_prediction_at_s) : json_real(0),
			  "reason",
			  late ? "closed loop: from the rate seen until then" : p->reason,
			  "time_wait_reuse", p->reuse, "port_lifetime_s",
			  result_real(p->lifetime_s)));
}

static json_t *ports_json(const struct client_run *run, const struct client_tally *sum)
{
	const struct ports_facts *f = &run->facts;
	uint64_t first = tally_get(&sum->first_exhausted_ns);
	json_t *o = json_pack(
		"{s:[i, i], s:i, s:i, s:I, s:I, s:I, s:I, s:o, s:b}", "range", (int)f->lo,
		(int)f->hi, "reserved", (int)f->reserved, "listeners", (int)f->listeners,
		"taken_at_start", (json_int_t)f->taken, "per_tuple",
		(json_int_t)run->prediction.per_tuple, "tuples",
		(json_int_t)run->prediction.tuples, "budget",
		(json_int_t)run->prediction.budget, "peak_in_use",
		run->sampler || run->skeleton ? number(run->sampled.ports_peak)
					      : json_null(),
		"exhausted", first != 0);

	json_object_set_new(o, "first_exhausted_s", moment(run, first));
	set_prediction(o, run);
	json_object_set_new(o, "exhausted_for_s", result_real(exhausted_for_s(run, sum)));
	json_object_set_new(o, "recovered_at_s",
			    moment(run, tally_get(&sum->recovered_ns)));
	return o;
}

static json_t *side_json(const struct tcp_states *peak, const struct tcp_states *end)
{
	struct tcp_states most = *peak;

	tcp_states_peak(&most, end);
	return json_pack("{s:o, s:o}", "peak", result_states(&most), "end",
			 result_states(end));
}

/* The server's states: its own word, or this namespace's if it lives here, or unknown. */
static void set_server_states(json_t *o, const struct client_run *run)
{
	struct tcp_states end = { 0 };

	if (run->link && server_link_states(run->link, &end))
		json_object_set_new(o, "server", side_json(&run->server_peak, &end));
	else if (run->skeleton || (run->shared && run->sampler))
		json_object_set_new(
			o, "server",
			side_json(&run->sampled.server_peak, &run->last.server));
	else {
		json_object_set_new(o, "server", json_null());
		json_object_set_new(
			o, "server_reason",
			json_string(run->link ? server_link_trouble(run->link)
					      : "not asked: no --server-stats"));
	}
}

static json_t *states_json(const struct client_run *run)
{
	json_t *o = json_object();

	if (run->sampler || run->skeleton) {
		json_object_set_new(
			o, "client",
			side_json(&run->sampled.client_peak, &run->last.client));
	} else {
		json_object_set_new(o, "client", json_null());
		json_object_set_new(o, "client_reason", json_string(run->no_states));
	}
	set_server_states(o, run);
	return o;
}

static json_t *server_delta(const struct client_run *run, const char *group)
{
	json_t *now = json_object_get(server_link_latest(run->link), group), *value;
	json_t *o = json_object();
	const char *key;

	json_object_foreach (now, key, value) {
		const json_t *before = json_object_get(
			json_object_get(server_link_first(run->link), group), key);

		json_object_set_new(o, key,
				    json_is_integer(value) && json_is_integer(before)
					    ? json_integer(json_integer_value(value) -
							   json_integer_value(before))
					    : json_null());
	}
	return o;
}

static void set_counters(json_t *doc, const struct client_run *run)
{
	struct kernel_counters delta = { 0 };
	bool known = run->sampler || run->skeleton;

	if (run->sampler)
		kernel_counters_diff(&run->last.counters, &run->first.counters, &delta);
	else
		delta.known = ~0ull;
	json_object_set_new(doc, "counters",
			    known ? result_counters(&delta) : json_null());
	if (run->skeleton) {
		json_object_set_new(doc, "server_counters", result_counters(&delta));
	} else if (run->shared || !server_link_first(run->link)) {
		json_object_set_new(doc, "server_counters", json_null());
		json_object_set_new(
			doc, "server_counters_reason",
			json_string(run->shared ? SAME_NETNS
						: "not asked: no --server-stats"));
	} else {
		json_object_set_new(doc, "server_counters",
				    server_delta(run, "counters"));
	}
}

static double link_delta_s(const struct client_run *run, const char *path)
{
	return json_number_value(result_at(server_link_latest(run->link), path)) -
	       json_number_value(result_at(server_link_first(run->link), path));
}

static json_t *cpu_json(const struct client_run *run, const struct client_tally *sum)
{
	bool known = false;
	int64_t accepted = server_link_delta(run->link, "totals.accepted", &known);
	json_t *server;

	if (known)
		server =
			result_cpu(link_delta_s(run, "cpu.user_s"),
				   link_delta_s(run, "cpu.system_s"), (uint64_t)accepted);
	else
		server = run->skeleton ? result_cpu(0, 0, 1) : json_null();
	return json_pack("{s:o, s:o}", "client",
			 result_cpu((double)run->cpu.user_ns / NS_PER_S,
				    (double)run->cpu.system_ns / NS_PER_S,
				    tally_get(&sum->connects_ok)),
			 "server", server);
}

/* Bytes one side's kernel took and the other side's program never read: what RST costs. */
static json_t *lost_json(const struct client_run *run, const struct client_tally *sum)
{
	bool known = false;
	int64_t server_got =
		server_link_delta(run->link, "totals.bytes_received", &known);
	int64_t server_sent = server_link_delta(run->link, "totals.bytes_sent", &known);

	if (!known)
		return json_pack(
			"{s:o, s:o, s:s?}", "to_server_bytes",
			run->skeleton ? json_integer(0) : json_null(), "to_client_bytes",
			run->skeleton ? json_integer(0) : json_null(), "reason",
			run->skeleton ? NULL : "only the server knows: --server-stats");
	return json_pack("{s:I, s:I}", "to_server_bytes",
			 (json_int_t)tally_get(&sum->bytes_sent) - (json_int_t)server_got,
			 "to_client_bytes",
			 (json_int_t)server_sent -
				 (json_int_t)tally_get(&sum->bytes_received));
}

/* Every key and no figure: what an expectation may name. */
static json_t *server_skeleton(void)
{
	json_t *totals = json_object(), *ended = json_object();

#define X(name) json_object_set_new(totals, #name, json_integer(0));
	SERVER_TALLY_LIST(X)
#undef X
#define X(id, name) json_object_set_new(ended, name, json_integer(0));
	SERVER_END_LIST(X)
#undef X
	return json_pack("{s:o, s:o}", "totals", totals, "ended", ended);
}

static json_t *server_json(const struct client_run *run)
{
	const json_t *latest = server_link_latest(run->link);

	if (run->skeleton)
		return server_skeleton();
	if (!server_link_first(run->link) || !latest)
		return json_null();
	return json_pack("{s:o, s:o, s:O?, s:O?}", "totals", server_delta(run, "totals"),
			 "ended", server_delta(run, "ended"), "errors",
			 json_object_get(latest, "errors"), "host",
			 json_object_get(latest, "host"));
}

static json_t *pool_json(const struct client_run *run, const struct client_tally *sum)
{
	uint64_t size = run->plan.pool;

	if (size == 0 && !run->skeleton)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I}", "size", (json_int_t)size,
			 "connections_opened", (json_int_t)tally_get(&sum->connects_ok),
			 "perfect_pool", (json_int_t)tally_get(&sum->pool_busiest),
			 "retried", (json_int_t)tally_get(&sum->pool_retried));
}

static bool peer_lost(const struct client_run *run, const struct client_tally *sum)
{
	uint64_t ok = tally_get(&sum->last_ok_ns), bad = tally_get(&sum->last_bad_ns);

	return bad > ok && (tally_get(&sum->outcome[OUTCOME_REFUSED]) ||
			    run->over_ns - ok > 200 * NS_PER_MS);
}

bool report_complete(const struct client_run *run, const char **code, char *why,
		     size_t size)
{
	struct client_tally sum;

	client_run_sum(run, &sum);
	*code = NULL;
	if (run->signal) {
		*code = "interrupted";
		snprintf(why, size, "interrupted by %s", strsignal(run->signal));
	} else if (tally_get(&sum.connects_ok) == 0) {
		*code = "never_connected";
		snprintf(why, size, "nothing ever connected");
	} else if (peer_lost(run, &sum)) {
		*code = "peer_lost";
		snprintf(why, size, "the server stopped answering %.1f s before the end",
			 (double)(run->over_ns - tally_get(&sum.last_ok_ns)) / NS_PER_S);
	} else if (run->link && server_link_trouble(run->link)[0]) {
		*code = "server_stats_lost";
		snprintf(why, size, "--server-stats: %s", server_link_trouble(run->link));
	}
	return !*code;
}

static void set_complete(json_t *doc, const struct client_run *run)
{
	char why[256] = "";
	const char *code;
	bool complete = report_complete(run, &code, why, sizeof(why));

	json_object_set_new(doc, "complete", json_boolean(complete));
	if (!complete)
		json_object_set_new(
			doc, "error",
			json_pack("{s:s, s:s}", "code", code, "message", why));
}

static void set_expectations(json_t *doc, const struct client_run *run, unsigned *failed)
{
	json_t *list = json_array();

	*failed = 0;
	for (size_t i = 0; i < run->options->expect.n && run->expects; i++) {
		bool ok;

		json_array_append_new(list, expect_eval(&run->expects[i], doc, &ok));
		*failed += !ok;
	}
	json_object_set_new(doc, "expectations", list);
}

json_t *report_json(struct client_run *run, unsigned *failed)
{
	struct client_tally sum;
	json_t *doc = json_object();

	client_run_sum(run, &sum);
	json_object_set_new(doc, "schema", json_string(RESULT_SCHEMA));
	set_complete(doc, run);
	json_object_set_new(doc, "tool", result_tool());
	json_object_set_new(doc, "run", run_json(run));
	json_object_set_new(doc, "config", opt_dump(&client_command, run->options));
	json_object_set_new(doc, "host", host_json(run));
	json_object_set_new(doc, "totals", totals_json(&sum));
	json_object_set_new(doc, "outcomes", outcomes_json(&sum));
	json_object_set_new(doc, "errors", errors_json(&sum));
	json_object_set_new(doc, "rate", rate_json(run, &sum));
	json_object_set_new(doc, "latency_us", latency_json(run));
	json_object_set_new(doc, "ports", ports_json(run, &sum));
	json_object_set_new(doc, "states", states_json(run));
	set_counters(doc, run);
	json_object_set_new(doc, "cpu", cpu_json(run, &sum));
	json_object_set_new(doc, "sampler",
			    run->sampler || run->skeleton ? result_sampler(&run->sampled)
							  : json_null());
	json_object_set_new(doc, "lost", lost_json(run, &sum));
	json_object_set_new(doc, "pool", pool_json(run, &sum));
	json_object_set_new(doc, "server", server_json(run));
	json_object_set_new(doc, "ledger", ledger_json(run, &sum));
	json_object_set_new(doc, "series", series_json(&run->series));
	set_expectations(doc, run, failed);
	return doc;
}

json_t *report_skeleton(struct client_run *run)
{
	unsigned failed;
	json_t *doc;

	run->skeleton = true;
	doc = report_json(run, &failed);
	run->skeleton = false;
	return doc;
}
