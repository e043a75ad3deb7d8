#include "client/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/drain.h"
#include "client/ledger.h"
#include "client/record.h"
#include "client/report_end.h"
#include "client/report_errors.h"
#include "client/report_failures.h"
#include "client/report_latency.h"
#include "client/report_ports.h"
#include "client/report_server.h"
#include "client/report_states.h"
#include "client/server_link.h"
#include "client/start_at.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/cli/rank_env.h"
#include "common/result/condition.h"
#include "common/result/result.h"
#include "common/result/story.h"

/* Were the states counted? */
static bool counted(const struct client_record *run)
{
	return run->sampler || run->skeleton;
}

static double duration_s(const struct client_record *run)
{
	return (double)(run->over_ns - run->begin_ns) / NS_PER_S;
}

/* The options, and where those come from that the environment may give. */
static json_t *config_json(const struct client_options *o)
{
	json_t *config = opt_dump(&client_command, o);

	put_text(config, "rank_from", o->rank_from);
	put_text(config, "ranks_from", o->ranks_from);
	put_text(config, "start_at_from", o->start_at_from);
	return config;
}

static json_t *run_json(const struct client_record *run)
{
	char started[32], planned[32], id[64], job[128];
	uint64_t planned_ns = 0;

	clock_rfc3339(run->begin_wall_ns, started, sizeof(started));
	snprintf(id, sizeof(id), "%s-%d", started, (int)getpid());
	if (run->options->start_at &&
	    start_at_parse(run->options->start_at, &planned_ns, NULL) == 0)
		clock_rfc3339(planned_ns, planned, sizeof(planned));
	return json_pack("{s:s, s:o, s:s, s:s?, s:o, s:i, s:i, s:s?}", "id", id, "argv",
			 result_argv(run->argc, run->argv), "started_at", started,
			 "planned_at", planned_ns ? planned : NULL, "duration_s",
			 result_real(duration_s(run)), "rank", (int)run->plan.rank,
			 "ranks", (int)run->plan.ranks, "job",
			 rank_env_run(job, sizeof(job)));
}

static json_t *host_json(const struct client_record *run)
{
	json_t *host = result_host(&run->host);

	put(host, "loopback_reuse_warning",
	    run->reuse_warning
		    ? json_string("the targets are on loopback and net.ipv4.tcp_tw_reuse "
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

#define CLIENT_TOTAL(name, ...) put_count(o, #name, tally_get(&sum->name));
#include "common/result/paths.def"
	return o;
}

static json_t *outcomes_json(const struct client_tally *sum)
{
	json_t *o = json_object();

	for (int i = 0; i < OUTCOMES; i++)
		put_count(o, outcome_name((enum outcome)i), tally_get(&sum->outcome[i]));
	return o;
}

static json_t *rate_json(const struct client_record *run, const struct client_tally *sum)
{
	double s = duration_s(run);
	double ok = (double)tally_get(&sum->connects_ok);
	double done = (double)tally_get(&sum->transactions_ok);

	return json_pack("{s:o, s:o}", "connections_per_s",
			 result_real(s > 0 ? ok / s : 0), "transactions_per_s",
			 result_real(s > 0 ? done / s : 0));
}

static void set_counters(json_t *doc, const struct client_record *run)
{
	struct kernel_counters delta = { .known = ~0ull };

	if (run->sampler)
		kernel_counters_diff(&run->last.counters, &run->first.counters, &delta);
	report_known(doc, "counters", counted(run) ? result_counters(&delta) : NULL,
		     run->no_states);
}

static json_t *cpu_json(const struct client_record *run, const struct client_tally *sum)
{
	json_t *o = json_object();

	put(o, "client",
	    result_cpu((double)run->cpu.user_ns / NS_PER_S,
		       (double)run->cpu.system_ns / NS_PER_S,
		       tally_get(&sum->connects_ok)));
	report_server_cpu(o, run);
	return o;
}

static json_t *memory_json(const struct client_record *run)
{
	json_t *o = json_pack("{s:I}", "client_peak_kb",
			      (json_int_t)host_memory_peak_kb("/proc"));

	report_server_memory(o, run);
	return o;
}

static json_t *pool_json(const struct client_record *run, const struct client_tally *sum)
{
	uint64_t size = run->plan.o.pool;

	if (size == 0 && !run->skeleton)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I}", "size", (json_int_t)size,
			 "connections_opened", (json_int_t)tally_get(&sum->connects_ok),
			 "perfect_pool", (json_int_t)tally_get(&sum->most_busy),
			 "retried", (json_int_t)tally_get(&sum->pool_retried));
}

/* {"502": 200}; what never came is absent. */
static json_t *http_codes(const struct client_tally *sum)
{
	json_t *o = json_object();
	char name[16];

	for (unsigned i = 0; i < HTTP_CODES; i++) {
		if (tally_get(&sum->http_code[i]) == 0)
			continue;
		snprintf(name, sizeof(name), "%u", 100 + i);
		put_count(o, name, tally_get(&sum->http_code[i]));
	}
	return o;
}

/* By class, and by code; and how many there were: without 1xx, which is part of the response that follows it. */
static json_t *http_status(const struct client_tally *sum, uint64_t *responses)
{
	json_t *o = json_object();

	*responses = 0;
	for (int c = 1; c < 6; c++) {
		char name[] = { (char)('0' + c), 'x', 'x', '\0' };

		put_count(o, name, client_tally_class(sum, (unsigned)c));
		*responses += c > 1 ? client_tally_class(sum, (unsigned)c) : 0;
	}
	put(o, "code", http_codes(sum));
	return o;
}

static json_t *http_malformed(const struct client_tally *sum)
{
	json_t *o = json_object();

	for (int e = 1; e < HTTP_ERRORS; e++)
		put_count(o, http_error_name((enum http_error)e),
			  tally_get(&sum->http_malformed[e]));
	return o;
}

/* Connections closed as agreed, by who moved first; both at once is neither's. */
static uint64_t closed_first(const struct client_tally *sum, bool by_server)
{
	uint64_t n = 0;

	for (unsigned i = 1; i < n_closings; i++)
		if (!closings[i].together &&
		    closing_moves_first(&closings[i].server) == by_server)
			n += tally_get(&sum->completed[i]);
	return n;
}

static json_t *http_json(const struct client_record *run, const struct client_tally *sum)
{
	json_t *o, *status;
	uint64_t responses;

	if (run->plan.o.proto != PROTO_HTTP && !run->skeleton)
		return json_null();
	o = json_object();
	status = http_status(sum, &responses);
	put_count(o, "responses", responses);
	put(o, "status", status);
	put_count(o, "keep_alive_reused", tally_get(&sum->http_reused));
	put_count(o, "closed_by_client", closed_first(sum, false));
	put_count(o, "closed_by_server", closed_first(sum, true));
	put_count(o, "ended_early", tally_get(&sum->http_ended_early));
	put_count(o, "close_left_to_us", tally_get(&sum->http_close_left));
	put_count(o, "close_awaited", tally_get(&sum->http_close_awaited));
	put(o, "malformed", http_malformed(sum));
	return o;
}

static const struct tls_counts *tls_counts_of(const void *run, unsigned i)
{
	const struct client_record *r = run;

	return tls_thread_counts(r->workers[i]->tls);
}

/* A run without TLS has none of this. */
static json_t *tls_json(const struct client_record *run)
{
	if (!run->skeleton && !run->plan.tls)
		return json_null();
	return tls_counts_json(tls_counts_of, run,
			       run->plan.tls && run->workers ? run->plan.workers : 0);
}

static void set_complete(json_t *doc, const struct client_record *run)
{
	char why[REPORT_WHY] = "";
	const char *code;
	bool complete = report_complete(run, &code, why, sizeof(why));

	put(doc, "complete", json_boolean(complete));
	if (!complete)
		put(doc, "error", json_pack("{s:s, s:s}", "code", code, "message", why));
}

static json_t *drain_of(const struct client_record *run)
{
	struct drain d;

	drain_find(&run->series, &d);
	return drain_json(&d);
}

static void read_facts(const struct client_record *run, const struct client_tally *sum,
		       struct ledger_facts *facts)
{
	books_server_read(run, sum, &facts->server);
	facts->rfc1337 = host_sysctl_int("/proc", "ipv4.tcp_rfc1337", 0) > 0;
}

json_t *report_json(struct client_record *run, unsigned *failed)
{
	struct client_tally sum;
	struct ledger_facts facts;
	json_t *doc = json_object();

	client_tally_sum(run, &sum);
	read_facts(run, &sum, &facts);
	put_text(doc, "schema", RESULT_SCHEMA);
	set_complete(doc, run);
	put(doc, "tool", result_tool());
	put(doc, "run", run_json(run));
	put(doc, "config", config_json(run->options));
	put(doc, "host", host_json(run));
	report_clock(doc, run);
	put(doc, "totals", totals_json(&sum));
	put(doc, "outcomes", outcomes_json(&sum));
	report_errors(doc, run, &sum);
	put(doc, "failures", report_failures(run, &sum));
	put(doc, "rate", rate_json(run, &sum));
	report_latency(doc, run);
	put(doc, "ports", report_ports(run, &sum));
	put(doc, "states", report_states(run, &sum, &facts.server));
	put(doc, "drain", drain_of(run));
	set_counters(doc, run);
	report_server_counters(doc, run);
	put(doc, "cpu", cpu_json(run, &sum));
	put(doc, "memory", memory_json(run));
	put(doc, "sampler", counted(run) ? result_sampler(&run->sampled) : json_null());
	put(doc, "lost", report_lost(run, &sum, &facts.server));
	put(doc, "pool", pool_json(run, &sum));
	put(doc, "http", http_json(run, &sum));
	put(doc, "tls", tls_json(run));
	report_server(doc, run);
	put(doc, "server_own",
	    facts.server.asked ? json_boolean(!facts.server.why[0]) : json_null());
	put(doc, "ledger", ledger_json(run, &sum, &facts));
	put(doc, "series", series_json(&run->series, run->sampled.ports_peak));
	if (!run->skeleton)
		story_tell(doc); /* nothing has happened, and a claim's path is known */
	put(doc, "expectations", expect_answer(&run->options->expect, doc, failed));
	return doc;
}

json_t *report_skeleton(struct client_record *run)
{
	unsigned failed;
	json_t *doc;

	run->skeleton = true;
	doc = report_json(run, &failed);
	run->skeleton = false;
	return doc;
}

json_t *report_live(const struct client_record *run, struct series_row *row)
{
	const struct series of_now = { .row = row, .n = 1 };
	struct client_record now = *run;
	struct cpu_time cpu;
	unsigned failed;
	json_t *doc, *rows;

	clock_process_cpu(&cpu);
	now.cpu.user_ns = cpu.user_ns - run->cpu_first.user_ns;
	now.cpu.system_ns = cpu.system_ns - run->cpu_first.system_ns;
	now.over_ns = clock_ns();
	now.live = true;
	if (now.sampler) {
		sampler_latest(now.sampler, &now.last);
		sampler_report(now.sampler, &now.sampled);
	}
	doc = report_json(&now, &failed);
	rows = series_json(&of_now, now.sampled.ports_peak);
	json_array_extend(json_object_get(doc, "series"), rows);
	json_decref(rows);
	if (memory_check(NULL) == 0)
		return doc;
	memory_forget(); /* of this document alone */
	json_decref(doc);
	return NULL;
}
