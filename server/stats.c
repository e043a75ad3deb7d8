#include "server/stats.h"

#include <stdio.h>
#include <string.h>

#include "common/base/put.h"
#include "common/result/figure.h"
#include "common/result/result.h"
#include "server/books.h"
#include "server/run.h"

void server_tally_sum(const struct server_run *run, struct server_tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i < run->plan.workers; i++)
		tally_add_all(sum, &run->workers[i]->tally, sizeof(*sum));
}

static void set_counts(json_t *doc, const struct server_tally *t)
{
	json_t *totals = json_object(), *ended = json_object();

#define SERVER_TOTAL(name, ...)   put_count(totals, #name, tally_get(&t->name));
#define SERVER_END(id, name, ...) put_count(ended, name, tally_get(&t->ended[END_##id]));
#include "common/result/paths.def"
	put(doc, "totals", totals);
	put(doc, "ended", ended);
}

/* The same counts of one run's own connections, if there is a number for it. */
static void set_run(struct server_run *run, json_t *doc, const char *key)
{
	unsigned number = books_number(run->books, run, key, clock_ns());
	struct server_tally sum;
	json_t *o;

	if (number == 0)
		return;
	books_sum(run->books, run, number, &sum);
	o = json_pack("{s:s, s:i, s:{s:o}}", "key", key, "number", (int)number, "errors",
		      "transfer", result_errnos(&sum.transfer_errors));
	set_counts(o, &sum);
	put(doc, "of_run", o);
}

/* The kernel chooses among the listeners of the workers. */
static json_t *workers_of(const struct server_run *run)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < run->plan.workers; i++)
		json_array_append_new(
			list, json_pack("{s:I}", "accepted",
					(json_int_t)tally_get(
						&run->workers[i]->tally.accepted)));
	return list;
}

static json_t *listens_of(const struct server_plan *plan)
{
	json_t *list = json_array();
	char text[ADDR_TEXT];

	for (size_t i = 0; i < plan->listens.n; i++)
		json_array_append_new(list, json_string(addr_print(&plan->listens.at[i],
								   text, sizeof(text))));
	return list;
}

/* Taken before the totals are: a connection that is no longer among the states is then among
 * them, while the other way round one that ended in between would be in neither. */
static struct sample count_states(struct server_run *run, bool fresh)
{
	struct sample now = { 0 };

	if (run->sampler && (!fresh || sampler_fresh(run->sampler, &now, NULL) < 0))
		sampler_latest(run->sampler, &now);
	return now;
}

/* The first count may be half over when the server is started. */
static double since_start_s(const struct server_run *run, uint64_t at_ns)
{
	return at_ns > run->started_ns ? (double)(at_ns - run->started_ns) / NS_PER_S : 0;
}

/* States, kernel counters since the start, and what counting cost; or why there are none. */
static void set_kernel_figures(struct server_run *run, json_t *doc,
			       const struct sample *now)
{
	struct sampler_report report;
	struct kernel_counters delta;

	if (!run->sampler) {
		put(doc, "states", json_null());
		put_text(doc, "states_reason", run->sampler_missing);
		return;
	}
	sampler_report(run->sampler, &report);
	kernel_counters_diff(&now->counters, &run->first.counters, &delta);
	put(doc, "states",
	    json_pack("{s:o, s:o, s:o}", "server",
		      json_pack("{s:o, s:o}", "peak", result_states(&report.server_peak),
				"end", result_states(&now->server)),
		      "other", result_states(&now->other), "sockstat_tw",
		      json_integer((json_int_t)now->sockstat.tw)));
	put(doc, "sampled_at_s", result_real(since_start_s(run, sample_counted_ns(now))));
	put(doc, "counters", result_counters(&delta));
	put(doc, "sampler", result_sampler(&report));
}

static const struct tls_counts *tls_counts_of(const void *run, unsigned i)
{
	const struct server_run *r = run;

	return tls_thread_counts(r->workers[i]->tls);
}

/* A server without TLS has none of this. */
static json_t *tls_of(const struct server_run *run)
{
	return run->plan.tls ? tls_counts_json(tls_counts_of, run, run->plan.workers)
			     : json_null();
}

static json_t *cpu_of(const struct server_run *run, uint64_t connections)
{
	struct cpu_time now;

	clock_process_cpu(&now);
	return result_cpu((double)(now.user_ns - run->cpu_first.user_ns) / NS_PER_S,
			  (double)(now.system_ns - run->cpu_first.system_ns) / NS_PER_S,
			  connections);
}

json_t *server_stats(struct server_run *run, bool fresh, const char *key)
{
	const struct sample now = count_states(run, fresh);
	struct server_tally sum;
	json_t *doc = json_object();
	char started[32];

	server_tally_sum(run, &sum);
	clock_rfc3339(run->started_wall_ns, started, sizeof(started));
	put_text(doc, "schema", SERVER_SCHEMA);
	put(doc, "tool", result_tool());
	put(doc, "run",
	    json_pack("{s:o, s:s, s:o}", "argv", result_argv(run->argc, run->argv),
		      "started_at", started, "duration_s",
		      result_real((double)(clock_ns() - run->started_ns) / NS_PER_S)));
	put(doc, "config", opt_dump(&server_command, run->options));
	put(doc, "host", result_host(&run->host));
	put(doc, "listen", listens_of(&run->plan));
	set_counts(doc, &sum);
	put(doc, "workers", workers_of(run));
	put(doc, "errors",
	    json_pack("{s:o, s:o}", "accept", result_errnos(&sum.accept_errors),
		      "transfer", result_errnos(&sum.transfer_errors)));
	put(doc, "tls", tls_of(run));
	if (key)
		set_run(run, doc, key);
	set_kernel_figures(run, doc, &now);
	put(doc, "cpu", cpu_of(run, tally_get(&sum.accepted)));
	put(doc, "memory",
	    json_pack("{s:I}", "peak_kb", (json_int_t)host_memory_peak_kb("/proc")));
	put_count(doc, "clock_us", clock_wall_ns() / NS_PER_US);
	return doc;
}

static void print_counts(const json_t *counts)
{
	const json_t *n;
	const char *name;

	json_object_foreach ((json_t *)counts, name, n)
		if (json_integer_value(n))
			printf(" %s %" JSON_INTEGER_FORMAT, name, json_integer_value(n));
}

void server_summary(const json_t *stats)
{
	const json_t *states = result_at(stats, "states.server.end");
	char text[FIGURE_TEXT];

	printf("%s\nended:   ",
	       figure_fill(stats,
			   "accepted {totals.accepted|0} connections, answered "
			   "{totals.requests|0} requests in {run.duration_s|1} s",
			   text));
	print_counts(json_object_get(stats, "ended"));
	printf("\nstates:  %s",
	       states ? "" : figure_fill(stats, " n/a ({states_reason})", text));
	print_counts(states);
	putchar('\n');
}
