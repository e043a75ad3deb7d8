#include "bench/merge/gather.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/merge/figures.h"
#include "common/base/put.h"
#include "common/base/utf8.h"
#include "common/result/document.h"
#include "common/result/result.h"

int gather_init(struct gather *g, struct err *err)
{
	*g = (struct gather){ .twice = json_object(),
			      .unreadable = json_object(),
			      .servers = json_object() };
	return g->twice && g->unreadable && g->servers ? 0 : err_memory(err);
}

static void run_done(struct gather_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		leaf_done(&run->at[i]);
	for (int t = 0; t < GATHER_TIMERS; t++)
		hist_done(&run->timers[t]);
	free(run->at);
	free(run->key);
}

void gather_done(struct gather *g)
{
	for (size_t i = 0; i < g->n_runs; i++)
		run_done(&g->runs[i]);
	json_decref(g->twice);
	json_decref(g->unreadable);
	json_decref(g->servers);
	g->n_runs = 0;
}

size_t gather_count(const struct gather *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_runs; i++)
		n += g->runs[i].n;
	return n;
}

void gather_unreadable(struct gather *g, const char *file, const char *why)
{
	char name[256];

	snprintf(name, sizeof(name), "%s", file);
	utf8_tame(name, false);
	json_object_set_new(g->unreadable, name, utf8_json(why));
}

bool gather_is_merged(const json_t *doc)
{
	return json_is_object(json_object_get(doc, "merged"));
}

/* ---- into the set */

static struct gather_run *find_run(struct gather *g, const char *key)
{
	for (size_t i = 0; i < g->n_runs; i++)
		if (strcmp(g->runs[i].key, key) == 0)
			return &g->runs[i];
	return NULL;
}

static int new_run(struct gather *g, const char *key, struct gather_run **out,
		   struct err *err)
{
	struct gather_run *run = &g->runs[g->n_runs];
	int r = 0;

	if (g->n_runs == GATHER_RUNS)
		return err_usage(err, "these are results of more than %d runs",
				 GATHER_RUNS);
	*run = (struct gather_run){ .key = strdup(key) };
	if (!run->key)
		return err_memory(err);
	for (int t = 0; t < GATHER_TIMERS && r == 0; t++)
		r = hist_init(&run->timers[t], err);
	g->n_runs++; /* gather_done() frees what there is */
	*out = run;
	return r;
}

static bool has(const struct gather_run *run, const struct leaf *l)
{
	for (size_t i = 0; run && i < run->n; i++)
		if (run->at[i].rank == l->rank && leaf_compare(&run->at[i], l) == 0)
			return true;
	return false;
}

static int make_room(struct gather_run *run, size_t n, struct err *err)
{
	size_t room = run->room ? run->room : 16;
	struct leaf *at;

	while (room < run->n + n)
		room *= 2;
	if (room == run->room)
		return 0;
	at = realloc(run->at, room * sizeof(*at));
	if (!at)
		return err_memory(err);
	run->at = at;
	run->room = room;
	return 0;
}

static void add_buckets(struct gather_run *run, const struct bundle *b)
{
	json_t *pair;
	size_t i;

	for (int t = 0; t < GATHER_TIMERS; t++)
		json_array_foreach ((json_t *)b->buckets[t], i, pair)
			hist_add_to_bucket(
				&run->timers[t],
				(unsigned)json_integer_value(json_array_get(pair, 0)),
				(uint64_t)json_integer_value(json_array_get(pair, 1)));
}

static void note_twice(struct gather *g, const struct leaf *l)
{
	char name[32];

	snprintf(name, sizeof(name), "rank %u", l->rank);
	json_object_set_new(g->twice, name, json_integer(l->rank));
}

static int take(struct gather *g, struct bundle *b, struct err *err)
{
	struct gather_run *run = find_run(g, b->at[0].key);
	int r = run ? 0 : new_run(g, b->at[0].key, &run, err);

	r = r ? r : make_room(run, b->n, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < b->n; i++)
		run->at[run->n++] = b->at[i];
	b->n = 0; /* the run has them */
	add_buckets(run, b);
	return 0;
}

/* All of it, or nothing where all of it is there. */
static int add_bundle(struct gather *g, struct bundle *b, struct err *err)
{
	const struct gather_run *run = find_run(g, b->at[0].key);
	size_t known = 0;

	for (size_t i = 0; i < b->n; i++)
		known += has(run, &b->at[i]);
	if (known == 0)
		return take(g, b, err);
	if (known < b->n)
		return err_fill(err, -EEXIST, EXIT_USAGE,
				"some of its ranks are in another merged file as well, "
				"and others are not: merge the files of the ranks");
	for (size_t i = 0; i < b->n; i++)
		note_twice(g, &b->at[i]);
	return 0;
}

/* ---- documents */

static int add_result(struct gather *g, json_t *doc, struct err *err)
{
	struct bundle b;
	int r = bundle_of_result(doc, &b, err);

	r = r ? r : add_bundle(g, &b, err);
	bundle_done(&b);
	return r;
}

/* A run of an earlier merge. */
static int add_ranks(struct gather *g, const json_t *ranks, const json_t *buckets,
		     struct err *err)
{
	struct bundle b;
	int r = bundle_of_merged(ranks, buckets, &b, err);

	r = r ? r : add_bundle(g, &b, err);
	bundle_done(&b);
	return r;
}

static int add_other_runs(struct gather *g, const json_t *others, struct err *err)
{
	json_t *other;
	size_t i;
	int r = 0;

	json_array_foreach ((json_t *)others, i, other)
		r = r ? r
		      : add_ranks(g, json_object_get(other, "ranks"),
				  json_object_get(other, "buckets"), err);
	return r;
}

/* How long the server had run, and then its text, decide which of two results of it stays. */
static bool is_later(const json_t *a, const json_t *b)
{
	double at = json_number_value(result_at(a, "run.duration_s"));
	double bt = json_number_value(result_at(b, "run.duration_s"));
	char *ta, *tb;
	bool later;

	if (at != bt)
		return at > bt;
	ta = json_dumps(a, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
	tb = json_dumps(b, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
	later = ta && tb && strcmp(ta, tb) > 0;
	free(ta);
	free(tb);
	return later;
}

static int add_server(struct gather *g, json_t *doc, struct err *err)
{
	json_t *id =
		json_pack("[O?, O?, O?, O?]", result_at(doc, "run.started_at"),
			  result_at(doc, "host.boot_id"), result_at(doc, "host.netns"),
			  json_object_get(doc, "listen"));
	char *name = id ? json_dumps(id, JSON_COMPACT) : NULL;
	const json_t *have = name ? json_object_get(g->servers, name) : NULL;
	int r = figures_check(doc, err);

	if (r == 0 && !json_is_string(result_at(doc, "run.started_at")))
		r = err_usage(err, "run.started_at is no time");
	if (r == 0 && name && (!have || is_later(doc, have)))
		json_object_set(g->servers, name, doc);
	free(name);
	json_decref(id);
	return r;
}

/* What an earlier merge had to say beside its ranks. */
static int add_remarks(struct gather *g, const json_t *doc, struct err *err)
{
	const json_t *merged = json_object_get(doc, "merged");
	json_t *one;
	size_t i;
	int r = 0;

	json_array_foreach (json_object_get(merged, "duplicate"), i, one)
		if (json_is_true(json_object_get(one, "same"))) {
			struct leaf l = { .rank = (unsigned)json_integer_value(
						  json_object_get(one, "rank")) };

			note_twice(g, &l);
		}
	json_array_foreach (json_object_get(merged, "unreadable"), i, one) {
		const char *file = json_string_value(json_object_get(one, "file"));
		const char *why = json_string_value(json_object_get(one, "why"));

		if (file && why)
			gather_unreadable(g, file, why);
	}
	json_array_foreach (json_object_get(doc, "servers"), i, one)
		r = r ? r : add_server(g, one, err);
	return r;
}

static int add_merged(struct gather *g, const json_t *doc, struct err *err)
{
	const json_t *ranks = json_object_get(doc, "ranks"); /* none: of servers alone */
	int r = ranks ? add_ranks(g, ranks, json_object_get(doc, "latency_us"), err) : 0;

	r = r ? r : add_other_runs(g, json_object_get(doc, "others"), err);
	return r ? r : add_remarks(g, doc, err);
}

int gather_add(struct gather *g, json_t *doc, struct err *err)
{
	if (gather_is_merged(doc))
		return add_merged(g, doc, err);
	if (document_is(doc, SERVER_SCHEMA))
		return add_server(g, doc, err);
	return add_result(g, doc, err);
}

/* ---- in order */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **gather_names(const json_t *o, size_t *n)
{
	const char **names = calloc(json_object_size(o) + 1, sizeof(*names)), *name;
	json_t *v;

	*n = 0;
	json_object_foreach ((json_t *)o, name, v)
		if (names)
			names[(*n)++] = name;
	if (names)
		qsort(names, *n, sizeof(*names), by_name);
	return names;
}

static int by_leaf(const void *a, const void *b)
{
	return leaf_compare(a, b);
}

static int by_size(const void *a, const void *b)
{
	const struct gather_run *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->key, y->key);
}

void gather_sort(struct gather *g)
{
	for (size_t i = 0; i < g->n_runs; i++)
		qsort(g->runs[i].at, g->runs[i].n, sizeof(struct leaf), by_leaf);
	qsort(g->runs, g->n_runs, sizeof(g->runs[0]), by_size);
}
