#include "bench/merge/whole.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/clocks.h"
#include "bench/merge/derived.h"
#include "bench/merge/fold.h"
#include "bench/merge/judge.h"
#include "bench/merge/series.h"
#include "bench/merge/servers.h"
#include "bench/merge/timers.h"
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
	struct timers timers;
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

/* ---- all together */

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

static int fold_ranks(struct making *m, json_t **first, struct err *err)
{
	struct fold *f = fold_new(find_lead(m), m->first_ms);
	json_t *latency;

	if (!f)
		return err_memory(err);
	for (size_t i = 0; i < m->run->n; i++) {
		const struct leaf *l = &m->run->at[i];
		json_t *result = leaf_result(l);

		fold_add(f, l, result);
		judge_rank(&m->judge, l, result, m->first_ms);
		timers_add(&m->timers, result);
		if (i == 0)
			*first = json_incref(result);
		json_decref(result);
	}
	m->doc = fold_end(f, &m->missing, &m->spaces, err);
	latency = m->doc ? timers_json(&m->timers, m->run, err) : NULL;
	if (!latency)
		return -EINVAL;
	put(m->doc, "latency_us", latency);
	return 0;
}

static void set_error(json_t *doc, const json_t *problems)
{
	const char *first = json_string_value(json_array_get(problems, 0));
	size_t more = json_array_size(problems);
	char text[700];

	put(doc, "complete", json_boolean(more == 0));
	if (!more) {
		json_object_del(doc, "error");
		return;
	}
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
		derived_set(m->doc, m->run->n, m->spaces, m->duration_s);
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
