#include "bench/merge/whole.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/clocks.h"
#include "bench/merge/fold.h"
#include "bench/merge/judge.h"
#include "bench/merge/series.h"
#include "bench/merge/servers.h"
#include "common/base/memory.h"
#include "common/base/put.h"
#include "common/result/condition.h"
#include "common/result/result.h"
#include "common/result/story.h"

/* One run's ranks on their way to a result. */
struct making {
	const struct gather_run *run; /* borrowed */
	struct judge judge;
	json_t *doc;       /* owned */
	json_t *missing;   /* owned: what is null since a rank has not measured it */
	unsigned spaces;   /* network namespaces */
	int64_t first_ms;  /* when the first rank began */
	double duration_s; /* until the last was over */
	uint64_t sum_ns[GATHER_TIMERS], count[GATHER_TIMERS], overflow[GATHER_TIMERS];
	double min_us[GATHER_TIMERS], max_us[GATHER_TIMERS];
};

/* ---- what the ranks' own figures say of time */

static void find_times(struct making *m)
{
	double end = 0;

	m->first_ms = m->run->at[0].began_ms;
	for (size_t i = 1; i < m->run->n; i++)
		if (m->run->at[i].began_ms < m->first_ms)
			m->first_ms = m->run->at[i].began_ms;
	for (size_t i = 0; i < m->run->n; i++) {
		const struct leaf *l = &m->run->at[i];
		double over = (double)(l->began_ms - m->first_ms) / 1000 + l->duration_s;

		end = over > end ? over : end;
	}
	m->duration_s = end;
}

/* The rank whose ports ran out first; where none did, the one of which that is predicted first. */
static const struct leaf *find_lead(const struct making *m)
{
	const struct leaf *lead = &m->run->at[0];
	double best = HUGE_VAL;

	for (size_t i = 0; i < m->run->n; i++) {
		const struct leaf *l = &m->run->at[i];
		double after = (double)(l->began_ms - m->first_ms) / 1000;
		double at = l->exhausted_s >= 0   ? after + l->exhausted_s
			    : l->predicted_s >= 0 ? after + l->predicted_s + 1e9
						  : HUGE_VAL;

		if (at < best) {
			best = at;
			lead = l;
		}
	}
	return lead;
}

/* ---- latency */

static void add_timers(struct making *m, const json_t *result)
{
	const json_t *all = json_object_get(result, "latency_us");

	for (int t = 0; t < GATHER_TIMERS; t++) {
		const json_t *h = json_object_get(all, gather_timer_names[t]);
		double min = json_number_value(json_object_get(h, "min"));
		double max = json_number_value(json_object_get(h, "max"));

		if (json_integer_value(json_object_get(h, "count")) == 0)
			continue;
		if (m->count[t] == 0 || min < m->min_us[t])
			m->min_us[t] = min;
		if (max > m->max_us[t])
			m->max_us[t] = max;
		m->count[t] += (uint64_t)json_integer_value(json_object_get(h, "count"));
		m->overflow[t] +=
			(uint64_t)json_integer_value(json_object_get(h, "overflow"));
		m->sum_ns[t] +=
			(uint64_t)json_integer_value(json_object_get(h, "sum_ns"));
	}
}

static json_t *latency(const struct making *m)
{
	json_t *all = json_object();

	for (int t = 0; t < GATHER_TIMERS; t++) {
		struct hist h = m->run->timers[t];

		h.count = m->count[t];
		h.overflow = m->overflow[t];
		h.sum_ns = m->sum_ns[t];
		h.min_ns = (uint64_t)(m->min_us[t] * NS_PER_US + 0.5);
		h.max_ns = (uint64_t)(m->max_us[t] * NS_PER_US + 0.5);
		put(all, gather_timer_names[t], result_hist(&h));
	}
	return all;
}

/* ---- figures that others give */

static double figure(const struct making *m, const char *path)
{
	return json_number_value(result_at(m->doc, path));
}

static json_t *rate(const struct making *m)
{
	double s = m->duration_s;

	return json_pack(
		"{s:o, s:o}", "connections_per_s",
		result_real(s > 0 ? figure(m, "totals.connects_ok") / s : 0),
		"transactions_per_s",
		result_real(s > 0 ? figure(m, "totals.transactions_ok") / s : 0));
}

static void set_cpu(const struct making *m, const char *side, double connections)
{
	json_t *cpu = json_object_get(json_object_get(m->doc, "cpu"), side);
	double s = json_number_value(json_object_get(cpu, "user_s")) +
		   json_number_value(json_object_get(cpu, "system_s"));

	if (json_is_object(cpu))
		put(cpu, "us_per_connection",
		    connections > 0 ? result_real(s * 1e6 / connections) : json_null());
}

static json_t *run_json(const struct making *m, const json_t *first)
{
	const struct leaf *l = &m->run->at[0];
	json_t *run = json_copy(json_object_get(first, "run"));
	char started[32], id[64];

	clock_rfc3339((uint64_t)m->first_ms * NS_PER_MS, started, sizeof(started));
	snprintf(id, sizeof(id), "%s-%u-ranks", started, l->ranks);
	put_text(run, "id", id);
	put_text(run, "started_at", started);
	put(run, "duration_s", result_real(m->duration_s));
	put_count(run, "rank", 0);
	return run;
}

/* A connection that two ranks of one namespace see is a stranger to each of them, and the kernel's
 * count is of both: what was compared with it cannot be added. */
static void set_ledger(const struct making *m)
{
	json_t *ledger = json_object_get(m->doc, "ledger"), *checks, *check;
	json_t *not_compared = json_object_get(ledger, "not_compared");
	bool shared = m->spaces < m->run->n;
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
static void set_failures(const struct making *m)
{
	json_t *failures = json_object_get(m->doc, "failures");

	if (json_integer_value(json_object_get(failures, "others")) > 0)
		json_object_del(m->doc, "failures");
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
static void set_unknown(const struct making *m)
{
	put(m->doc, "connect_by_fill", json_null());
	put_text(m->doc, "connect_by_fill_reason",
		 "it has quantiles of each rank, which cannot be added: see ranks[]");
	put(m->doc, "drain",
	    json_pack("{s:n, s:n, s:n, s:n}", "steps", "began_s", "ended_s", "step_s"));
}

/* The server's counts of all its clients are no sum of what its clients were told. */
static void set_server(const struct making *m)
{
	if (!json_is_false(json_object_get(m->doc, "server_own")) ||
	    !json_is_object(json_object_get(m->doc, "server")) || m->run->n == 1)
		return;
	put(m->doc, "server", json_null());
	put_text(m->doc, "server_reason",
		 "the server's counts are of all its clients, so they cannot be added: "
		 "see ranks[], or merge the server's own result as well");
}

/* ---- all together */

static int fold_ranks(struct making *m, json_t **first, struct err *err)
{
	struct fold *f = fold_new(find_lead(m), m->first_ms);

	if (!f)
		return err_memory(err);
	for (size_t i = 0; i < m->run->n; i++) {
		const struct leaf *l = &m->run->at[i];
		json_t *result = leaf_result(l);

		fold_add(f, l, result);
		judge_rank(&m->judge, l, result, m->first_ms);
		add_timers(m, result);
		if (i == 0)
			*first = json_incref(result);
		json_decref(result);
	}
	m->doc = fold_end(f, &m->missing, &m->spaces, err);
	return m->doc ? 0 : -EINVAL;
}

static void set_error(json_t *doc, const json_t *problems)
{
	const char *first = json_string_value(json_array_get(problems, 0));
	size_t more = json_array_size(problems);
	char text[700];

	put(doc, "complete", json_boolean(more == 0));
	if (!more)
		return;
	snprintf(text, sizeof(text), "%s", first ? first : "?");
	if (more > 1)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 " (and %zu more: merged.problems)", more - 1);
	put(doc, "error",
	    json_pack("{s:s, s:s}", "code", "ranks_incomplete", "message", text));
}

/* The --expect of the ranks is asked of the whole. */
static void set_expectations(json_t *doc, unsigned *failed)
{
	const json_t *list = result_at(doc, "config.expect");
	struct opt_texts texts = { calloc(json_array_size(list) + 1, sizeof(char *)), 0 };
	json_t *one;
	size_t i;

	json_array_foreach ((json_t *)list, i, one)
		if (texts.at && json_is_string(one) &&
		    condition_check(json_string_value(one), NULL) == 0)
			texts.at[texts.n++] = json_string_value(one);
	put(doc, "expectations", expect_answer(&texts, doc, failed));
	free(texts.at);
}

/* Keys in the order of a client's result. */
static json_t *in_order(json_t *folded)
{
	static const char *const keys[] = {
		"schema", "complete",   "error",           "tool",
		"run",    "merged",     "config",          "host",
		"totals", "outcomes",   "errors",          "failures",
		"rate",   "latency_us", "connect_by_fill", "connect_by_fill_reason",
		"ports",  "states",     "drain",
	};
	json_t *doc = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put(doc, keys[i], json_null());
	json_object_update(doc, folded);
	if (!json_object_get(folded, "failures"))
		json_object_del(doc, "failures");
	json_decref(folded);
	return doc;
}

static void set_merged(struct making *m, const struct gather *g)
{
	json_t *merged = judge_tell(&m->judge, g);

	put_count(merged, "namespaces", m->spaces);
	put_text(merged, "peaks", m->spaces > 1 ? "seconds" : "exact");
	json_object_set(merged, "not_measured", m->missing);
	put(m->doc, "merged", merged);
	set_error(m->doc, m->judge.problems);
	if (json_is_true(json_object_get(m->doc, "complete")))
		json_object_del(m->doc, "error");
}

static int make(struct making *m, struct gather *g, unsigned *failed, struct err *err)
{
	json_t *first = NULL;
	int r = judge_init(&m->judge, err);

	find_times(m);
	r = r ? r : fold_ranks(m, &first, err);
	if (r == 0) {
		m->doc = in_order(m->doc);
		put_text(m->doc, "schema", RESULT_SCHEMA);
		put(m->doc, "tool", result_tool());
		put(m->doc, "run", run_json(m, first));
		put(m->doc, "rate", rate(m));
		put(m->doc, "latency_us", latency(m));
		drop_reasons(m->doc);
		set_unknown(m);
		set_failures(m);
		set_server(m);
		set_ledger(m);
		set_cpu(m, "client", figure(m, "totals.connects_ok"));
		set_cpu(m, "server", figure(m, "server.totals.accepted"));
		r = series_set(m->doc, m->run, m->first_ms, err);
	}
	if (r == 0) {
		set_merged(m, g);
		servers_tell(g, m->doc);
		story_tell(m->doc);
		set_expectations(m->doc, failed);
	}
	json_decref(first);
	return r;
}

json_t *whole_make(struct gather *g, unsigned *failed, struct err *err)
{
	struct making m = { 0 };
	int r;

	*failed = 0;
	gather_sort(g);
	if (g->n_runs == 0)
		return servers_alone(g);
	m.run = &g->runs[0];
	r = clocks_compare(&g->runs[0], err);
	r = r ? r : make(&m, g, failed, err);
	judge_done(&m.judge);
	json_decref(m.missing);
	if (r == 0)
		r = memory_check(err);
	if (r < 0)
		json_decref(m.doc);
	return r < 0 ? NULL : m.doc;
}

/* ---- as text */

static void print_ranks(FILE *to, const struct gather_run *run, const char *indent)
{
	fputs("\"ranks\": [\n", to);
	for (size_t i = 0; i < run->n; i++)
		fprintf(to, "%s  %s%s\n", indent, run->at[i].text,
			i + 1 < run->n ? "," : "");
	fprintf(to, "%s]", indent);
}

/* A run that is not counted keeps its buckets: in another merge it may be the one that is. */
static void print_other(FILE *to, const struct gather_run *run, bool last)
{
	fputs("    {\"buckets\": {", to);
	for (int t = 0; t < GATHER_TIMERS; t++) {
		const char *between = "";

		fprintf(to, "%s\"%s\": [", t ? ", " : "", gather_timer_names[t]);
		for (unsigned b = 0; b < hist_buckets(); b++) {
			uint64_t n = hist_in_bucket(&run->timers[t], b);

			if (n == 0)
				continue;
			fprintf(to, "%s[%u,%llu]", between, b, (unsigned long long)n);
			between = ",";
		}
		fputc(']', to);
	}
	fputs("},\n     ", to);
	print_ranks(to, run, "     ");
	fprintf(to, "}%s\n", last ? "" : ",");
}

char *whole_text(const json_t *whole, const struct gather *g, size_t *len)
{
	char *head = json_dumps(whole, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	char *text = NULL;
	FILE *to = head ? open_memstream(&text, len) : NULL;

	if (!to) {
		free(head);
		return NULL;
	}
	fwrite(head, 1, strlen(head) - 2, to); /* all but "\n}" */
	free(head);
	if (g->n_runs > 0) {
		fputs(",\n  ", to);
		print_ranks(to, &g->runs[0], "  ");
	}
	if (g->n_runs > 1) {
		fputs(",\n  \"others\": [\n", to);
		for (size_t i = 1; i < g->n_runs; i++)
			print_other(to, &g->runs[i], i + 1 == g->n_runs);
		fputs("  ]", to);
	}
	fputs("\n}\n", to);
	if (ferror(to) | (fclose(to) == EOF)) {
		free(text);
		return NULL;
	}
	return text;
}
