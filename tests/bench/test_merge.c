/* A merge: what ranks have together is what one run had; the order of merging makes no difference;
 * what is missing, twice, foreign or hostile is named and never added. */
#include <stdio.h>

#include "bench/merge/files.h"
#include "bench/merge/rules.h"
#include "bench/merge/whole.h"
#include "common/base/put.h"
#include "common/result/result.h"
#include <stdlib.h>
#include "tests/check_main.h"
#include "tests/tools/deal.h"

#define WHOLE "tests/data/merge/whole.json"
#define MOST  8

/* ---- rules */

struct path {
	const char *document, *path;
};

static const char *document;
static const struct path paths[] = {
#define DOCUMENT(name, ...) { name, NULL },
#define PATH(path, ...)     { NULL, path },
#include "common/result/paths.def"
};

static enum merge_how rule_of(const char *path)
{
	struct merge_place at = { .n = 0 };
	char copy[200], *next;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *key = strtok_r(copy, ".", &next); key && at.n < MERGE_DEPTH;
	     key = strtok_r(NULL, ".", &next))
		at.key[at.n++] = strcmp(key, "SIDE") == 0 ? "client" : key;
	return merge_rule(&at) ? merge_rule(&at) : merge_rule_inside(&at);
}

/* An object or an array is told by the rules of what is in it. */
static bool is_told(const char *path)
{
	char inside[200];

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		snprintf(inside, sizeof(inside), "%s.", path);
		if (paths[i].path && strncmp(paths[i].path, inside, strlen(inside)) == 0)
			return true;
	}
	return rule_of(path) != MERGE_NONE;
}

TEST(each_path_of_a_result_has_a_rule)
{
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		document = paths[i].document ? paths[i].document : document;
		if (!paths[i].path || strcmp(document, "result") != 0)
			continue;
		ck_assert_msg(is_told(paths[i].path), "%s has no rule in rules.def",
			      paths[i].path);
		n++;
	}
	ck_assert_uint_gt(n, 250);
	ck_assert_int_eq(rule_of("totals.closes"), MERGE_SUM);
	ck_assert_int_eq(rule_of("counters.Tcp"), MERGE_ONCE);
	ck_assert_int_eq(rule_of("config.rate"), MERGE_SAME);
	ck_assert_int_eq(rule_of("no.such"), MERGE_NONE);
}

/* ---- merging */

static json_t *load(void)
{
	json_t *doc = json_load_file(WHOLE, 0, NULL);

	ck_assert_ptr_nonnull(doc);
	return doc;
}

/* Of the result only what has these keys. */
static json_t *load_only(const char *const *kept)
{
	json_t *doc = load(), *v;
	const char *key;
	void *next;

	json_object_foreach_safe(doc, next, key, v) if (!deal_is_one_of(key, kept))
		json_object_del(doc, key);
	put(doc, "config", json_object());
	return doc;
}

/* A few figures of each kind. */
static json_t *load_small(void)
{
	static const char *const kept[] = { "schema", "complete", "run",    "host",
					    "totals", "outcomes", "errors", "latency_us",
					    "states", "targets",  NULL };

	return load_only(kept);
}

/* Adds copies of the documents, in that order, to a new gather; their merge without its ranks. */
static json_t *gathered(json_t *const *docs, size_t n, struct gather *g)
{
	struct err err = { 0 };
	unsigned failed;
	json_t *whole;

	ck_assert_int_eq(gather_init(g, &err), 0);
	/* As files_gather() does: earlier merges come first. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < n; i++) {
			json_t *copy = json_deep_copy(docs[i]);

			if (gather_is_merged(copy) == (pass == 0))
				ck_assert_msg(gather_add(g, copy, &err) == 0, "%s",
					      err.text);
			json_decref(copy);
		}
	whole = whole_make(g, &failed, &err);
	ck_assert_msg(whole != NULL, "%s", err.text);
	return whole;
}

/* The text of it, to be freed. */
static char *merged(json_t *const *docs, size_t n)
{
	struct gather g;
	json_t *whole = gathered(docs, n, &g);
	size_t len;
	char *text;

	text = whole_text(whole, &g, &len);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), len);
	json_decref(whole);
	gather_done(&g);
	return text;
}

static json_t *merged_json(json_t *const *docs, size_t n)
{
	char *text = merged(docs, n);
	json_t *doc = json_loads(text, 0, NULL);

	ck_assert_msg(doc != NULL, "%.300s", text);
	free(text);
	return doc;
}

static void drop(json_t **docs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_decref(docs[i]);
}

static bool same_figure(const json_t *a, const json_t *b)
{
	double x = json_number_value(a), y = json_number_value(b);

	if (json_is_real(a) && json_is_number(b))
		return x - y <= 1e-6 * x && y - x <= 1e-6 * x;
	return json_equal((json_t *)a, (json_t *)b);
}

/* Every figure of `a` is in `b`. */
static void same(const json_t *a, const json_t *b, const char *at)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)a, key, v) {
		json_t *w = json_object_get(b, key);

		if (json_is_object(v))
			same(v, w, key);
		else if (!w || !same_figure(v, w)) {
			char *x = json_dumps(v, JSON_ENCODE_ANY);
			char *y = w ? json_dumps(w, JSON_ENCODE_ANY) : NULL;

			ck_abort_msg("%s.%s: %.200s of the whole, %.200s of its ranks",
				     at, key, x, y ? y : "nothing");
		}
	}
}

static void same_at(const json_t *whole, const json_t *ranks, const char *path)
{
	ck_assert_msg(result_at(whole, path) != NULL, "%s", path);
	same(result_at(whole, path), result_at(ranks, path), path);
}

TEST(eight_ranks_are_the_whole)
{
	static const char *const alike[] = { "totals",     "outcomes",
					     "errors",     "counters",
					     "latency_us", "states.client.end",
					     "lost",       "states.client.before" };
	json_t *whole = load(), *docs[MOST], *all, *check;
	struct rng rng;
	size_t i;

	rng_seed(&rng, 3);
	deal(&rng, whole, MOST, docs);
	all = merged_json(docs, MOST);
	for (i = 0; i < sizeof(alike) / sizeof(alike[0]); i++)
		same_at(whole, all, alike[i]);
	json_array_foreach (result_at(whole, "ledger.checks"), i, check)
		same(check, json_array_get(result_at(all, "ledger.checks"), i), "ledger");
	same(json_array_get(json_object_get(whole, "targets"), 0),
	     json_array_get(json_object_get(all, "targets"), 0), "targets");
	ck_assert(json_is_true(json_object_get(all, "complete")));
	ck_assert_uint_eq(json_array_size(json_object_get(all, "ranks")), MOST);
	drop(docs, MOST);
	json_decref(whole);
	json_decref(all);
}

/* A sample of 100; TWSTORM_SPLITS=1000 in the environment for more (tests/cases/merge.sh): each takes 3 ms. */
TEST(splits_are_the_whole)
{
	static const char *const kept[] = { "schema",   "run",    "host",       "totals",
					    "outcomes", "errors", "latency_us", NULL };
	json_t *whole = load_only(kept), *docs[MOST], *all, *h;
	const char *name;
	const char *splits = getenv("TWSTORM_SPLITS");
	struct gather g;
	void *next;
	struct rng rng;

	rng_seed(&rng, 1000);
	json_object_clear(result_at(whole, "host.sysctls"));
	json_object_foreach_safe(result_at(whole, "latency_us"), next, name,
				 h) if (strcmp(name, "connect") != 0)
		json_object_del(json_object_get(whole, "latency_us"), name);
	for (int i = splits ? atoi(splits) : 100; i > 0; i--) {
		unsigned ranks = (unsigned)rng_below(&rng, 3) + 2;

		deal(&rng, whole, ranks, docs);
		all = gathered(docs, ranks, &g);
		same_at(whole, all, "totals");
		same_at(whole, all, "outcomes");
		same_at(whole, all, "errors");
		same_at(whole, all, "latency_us");
		drop(docs, ranks);
		gather_done(&g);
		json_decref(all);
	}
	json_decref(whole);
}

/* Merges some of the documents, and puts the merge in their place, until there is one. */
static char *merged_in_steps(struct rng *rng, json_t *const *docs, size_t n)
{
	json_t *left[2 * MOST];
	char *text;

	for (size_t i = 0; i < n; i++)
		left[i] = json_deep_copy(docs[i]);
	while (n > 1) {
		size_t some = 2 + (size_t)rng_below(rng, n - 1);
		json_t *one;

		for (size_t i = n; i-- > 1;) { /* any order */
			size_t k = (size_t)rng_below(rng, i + 1);
			json_t *other = left[i];

			left[i] = left[k];
			left[k] = other;
		}
		one = merged_json(left + n - some, some);
		drop(left + n - some, some);
		n -= some;
		left[n++] = one;
	}
	text = merged(left, 1);
	json_decref(left[0]);
	return text;
}

static json_t *foreigner(const json_t *like)
{
	json_t *doc = json_deep_copy(like);

	put_text(json_object_get(doc, "config"), "later_option", "1");
	return doc;
}

/* Some ranks, one of them missing, one of another run, one that ran twice, with two ranks of one
 * namespace and one that began late. */
TEST_TIMES(the_order_of_merging_makes_no_difference, 30)
{
	json_t *whole = _i % 10 ? load_small() : load(), *docs[MOST + 2];
	unsigned ranks = 5;
	char *flat, *steps;
	struct rng rng;

	rng_seed(&rng, (uint64_t)_i);
	deal(&rng, whole, ranks, docs);
	json_object_set(result_at(docs[2], "host"), "netns",
			result_at(docs[1], "host.netns"));
	put_text(result_at(docs[3], "run"), "started_at", "2026-11-22T06:22:01.750Z");
	docs[ranks] = foreigner(docs[1]);
	docs[ranks + 1] = json_deep_copy(docs[2]);
	json_object_set_new(result_at(docs[ranks + 1], "totals"), "closes",
			    json_integer(1000003));
	json_decref(docs[4]);
	docs[4] = docs[ranks + 1];
	flat = merged(docs, ranks + 1);
	steps = merged_in_steps(&rng, docs, ranks + 1);
	ck_assert_msg(strcmp(flat, steps) == 0, "merging in steps gives another result");
	ck_assert_ptr_nonnull(strstr(flat, "rank 4 of 5 is missing"));
	ck_assert_ptr_nonnull(strstr(flat, "rank 2 ran more than once"));
	ck_assert_ptr_nonnull(strstr(
		flat,
		"rank 1 is of another run and not counted: it has config.later_option"));
	free(flat);
	free(steps);
	drop(docs, ranks + 1);
	json_decref(whole);
}

TEST(what_a_rank_has_not_measured_is_null_and_never_less)
{
	json_t *whole = load(), *docs[3], *all, *gap = NULL;
	struct rng rng;
	size_t i;

	rng_seed(&rng, 5);
	deal(&rng, whole, 3, docs);
	put(json_object_get(docs[1], "totals"), "goodbyes", json_null());
	json_object_del(json_object_get(docs[2], "totals"), "probes");
	put(docs[0], "server", json_null());
	put_text(docs[0], "server_reason", "not asked");
	put(docs[1], "counters", json_null());
	put_text(docs[1], "counters_reason", "no sock_diag");
	all = merged_json(docs, 3);
	ck_assert(json_is_null(result_at(all, "totals.goodbyes")));
	ck_assert(json_is_null(result_at(all, "totals.probes")));
	ck_assert(json_is_null(result_at(all, "counters")));
	ck_assert(json_is_null(json_object_get(all, "server")));
	ck_assert_str_eq(json_string_value(result_at(all, "server_reason")), "not asked");
	ck_assert_str_eq(json_string_value(result_at(all, "counters_reason")),
			 "no sock_diag");
	same_at(whole, all, "outcomes");
	json_array_foreach (result_at(all, "merged.not_measured"), i, gap)
		if (strcmp(json_string_value(json_object_get(gap, "path")),
			   "totals.goodbyes") == 0)
			break;
	ck_assert_str_eq(json_string_value(json_object_get(gap, "path")),
			 "totals.goodbyes");
	ck_assert_int_eq(json_integer_value(json_object_get(gap, "rank")), 1);
	ck_assert_uint_eq(json_array_size(result_at(all, "merged.not_measured")), 4);
	drop(docs, 3);
	json_decref(all);
	json_decref(whole);
}

TEST(a_namespace_is_counted_once)
{
	json_t *whole = load(), *docs[3], *all;
	struct rng rng;
	json_int_t end;

	rng_seed(&rng, 5);
	deal(&rng, whole, 3, docs);
	for (int r = 0; r < 3; r++) { /* two of them see the same sockets */
		json_object_set_new(result_at(docs[r], "host"), "netns",
				    json_integer(r == 2 ? 7 : 6));
		json_object_set_new(result_at(docs[r], "states.client.end"), "TIME_WAIT",
				    json_integer(100 + r));
		json_object_set_new(result_at(docs[r], "counters"), "TcpExt.TW",
				    json_integer(200 + r));
	}
	all = merged_json(docs, 3);
	end = json_integer_value(result_at(all, "states.client.end.TIME_WAIT"));
	ck_assert_int_eq(end, 101 + 102);
	ck_assert_int_eq(json_integer_value(result_at(all, "counters.TcpExt.TW")),
			 201 + 202);
	ck_assert_int_eq(json_integer_value(result_at(all, "merged.namespaces")), 2);
	/* The ports of two ranks without sources of their own are the same ports. */
	ck_assert_int_eq(json_integer_value(result_at(all, "ports.budget")),
			 2 * json_integer_value(result_at(whole, "ports.budget")));
	drop(docs, 3);
	json_decref(all);
	json_decref(whole);
}

static const struct apart {
	const char *started, *skew;
	bool complete;
} aparts[] = {
	{ "2026-11-22T06:22:00.500Z", "ok", true },
	{ "2026-11-22T06:22:00.599Z", "ok", true },
	{ "2026-11-22T06:22:00.600Z", "warned", true },
	{ "2026-11-22T06:22:01.499Z", "warned", true },
	{ "2026-11-22T06:22:01.500Z", "failed", false },
	{ "2026-11-22T06:21:57.500Z", "failed", false },
};

TEST_ROWS(clocks_that_differ_are_told, aparts)
{
	json_t *whole = load_small(), *docs[2], *all;
	struct rng rng;

	rng_seed(&rng, 5);
	deal(&rng, whole, 2, docs);
	put_text(result_at(docs[1], "run"), "started_at", row->started);
	all = merged_json(docs, 2);
	ck_assert_str_eq(json_string_value(result_at(all, "merged.skew")), row->skew);
	ck_assert_int_eq(json_is_true(json_object_get(all, "complete")), row->complete);
	drop(docs, 2);
	json_decref(all);
	json_decref(whole);
}

static void set_clock(json_t *doc, int64_t offset_us, int64_t error_us, const char *host)
{
	put(doc, "clock",
	    json_pack("{s:I, s:I, s:s}", "offset_us", (json_int_t)offset_us, "error_us",
		      (json_int_t)error_us, "host", host));
}

static bool is_said(const json_t *all, const char *sentence)
{
	bool said = false;
	json_t *one;
	size_t i;

	json_array_foreach (result_at(all, "merged.problems"), i, one)
		said = said || strstr(json_string_value(one), sentence);
	json_array_foreach (result_at(all, "merged.warnings"), i, one)
		said = said || strstr(json_string_value(one), sentence);
	return said;
}

#define S           1000000
#define TOGETHER    "2026-11-22T06:22:00.500Z"
#define THREE_LATER "2026-11-22T06:22:03.500Z"

static const struct off {
	const char *started[4]; /* by their own clocks; NULL = TOGETHER */
	int64_t offset_us[4], error_us;
	const char *skew;
	int64_t skew_ms, clock_us, clock_rank;
	const char *sentence; /* NULL = none is said of clocks or starts */
} offs[] = {
	{ { NULL }, { 0 }, 100, "ok", 0, 0, 0, NULL },
	{ { NULL },
	  { 0, 0, 3 * S },
	  100,
	  "failed",
	  3000,
	  -3 * S,
	  2,
	  "the clock of rank 2 is 3000 ms behind the others'" },
	{ { NULL },
	  { 0, 0, 3 * S },
	  100,
	  "failed",
	  3000,
	  -3 * S,
	  2,
	  "rank 2 3000 ms after the first, by the server's clock" },
	{ { NULL },
	  { 0, -3 * S },
	  100,
	  "failed",
	  3000,
	  3 * S,
	  1,
	  "the clock of rank 1 is 3000 ms ahead of the others'" },
	/* They began together, and one clock was wrong. */
	{ { NULL, THREE_LATER },
	  { 0, -3 * S },
	  100,
	  "failed",
	  0,
	  3 * S,
	  1,
	  "the clock of rank 1 is 3000 ms ahead of the others'" },
	/* The server's clock is wrong, not theirs. */
	{ { NULL }, { 3 * S, 3 * S, 3 * S, 3 * S }, 100, "ok", 0, 0, 0, NULL },
	{ { NULL }, { 0, -99999 }, 0, "ok", 99, 99999, 1, NULL },
	{ { NULL },
	  { 0, -S / 10 },
	  0,
	  "warned",
	  100,
	  S / 10,
	  1,
	  "the clock of rank 1 is 100 ms ahead of the others'" },
	{ { NULL },
	  { 0, -S + 1 },
	  0,
	  "warned",
	  999,
	  S - 1,
	  1,
	  "the clock of rank 1 is 999 ms ahead of the others'" },
	/* What may be an error is not held against anybody. */
	{ { NULL }, { 0, -S / 5 }, 60000, "ok", 200, S / 5, 1, NULL },
	{ { NULL },
	  { 0, 0, 3 * S },
	  S + 1,
	  "warned",
	  3000,
	  -3 * S,
	  2,
	  "give or take 2000.0 ms" },
};

TEST_ROWS(a_clock_that_is_off_is_named, offs)
{
	json_t *whole = load_small(), *docs[4], *all;
	struct rng rng;

	rng_seed(&rng, 5);
	deal(&rng, whole, 4, docs);
	for (int r = 0; r < 4; r++) {
		put_text(result_at(docs[r], "run"), "planned_at", TOGETHER);
		put_text(result_at(docs[r], "run"), "started_at",
			 row->started[r] ? row->started[r] : TOGETHER);
		set_clock(docs[r], row->offset_us[r], row->error_us, "a");
	}
	all = merged_json(docs, 4);
	ck_assert_str_eq(json_string_value(result_at(all, "merged.skew")), row->skew);
	ck_assert_int_eq(json_is_true(json_object_get(all, "complete")),
			 strcmp(row->skew, "failed") != 0);
	ck_assert_int_eq(json_integer_value(result_at(all, "merged.skew_ms")),
			 row->skew_ms);
	ck_assert_int_eq(json_integer_value(result_at(all, "merged.clock_us")),
			 row->clock_us);
	ck_assert_int_eq(json_integer_value(result_at(all, "merged.clock_rank")),
			 row->clock_rank);
	ck_assert(is_said(all, row->sentence ? row->sentence : " clock") ==
		  (row->sentence != NULL));
	drop(docs, 4);
	json_decref(all);
	json_decref(whole);
}

TEST(clocks_that_nobody_compared_are_not_known)
{
	static const char *const reasons[] = {
		"rank 1: an older twstorm does not tell its clock",
		"rank 1: not asked",
		"rank 2: its clock was not held against the same clock",
	};
	json_t *whole = load_small(), *docs[3], *all;
	struct rng rng;

	rng_seed(&rng, 5);
	deal(&rng, whole, 3, docs);
	for (size_t i = 0; i < 3; i++) {
		for (int r = 0; r < 3; r++)
			set_clock(docs[r], 0, 10, i == 2 && r == 2 ? "b" : "a");
		if (i < 2)
			put(docs[1], "clock", json_null());
		if (i == 1)
			put_text(docs[1], "clock_reason", "not asked");
		all = merged_json(docs, 3);
		ck_assert(json_is_null(result_at(all, "merged.clock_us")));
		ck_assert_str_eq(json_string_value(result_at(all, "merged.clock_reason")),
				 reasons[i]);
		ck_assert_str_eq(json_string_value(result_at(all, "merged.skew")), "ok");
		json_decref(all);
	}
	drop(docs, 3);
	json_decref(whole);
}

/* The seconds of a clock that is off are put where they were. */
TEST(a_clock_that_is_off_does_not_shift_the_series)
{
	json_t *whole = load(), *docs[3], *all, *off;
	struct rng rng;

	rng_seed(&rng, 5);
	deal(&rng, whole, 3, docs);
	for (int r = 0; r < 3; r++)
		set_clock(docs[r], 0, 10, "a");
	all = merged_json(docs, 3);
	put_text(result_at(docs[1], "run"), "started_at", "2026-11-22T07:22:00.500Z");
	set_clock(docs[1], -3600ll * S, 10, "a");
	off = merged_json(docs, 3);
	ck_assert(json_equal(json_object_get(all, "series"),
			     json_object_get(off, "series")));
	ck_assert(json_equal(result_at(all, "run.duration_s"),
			     result_at(off, "run.duration_s")));
	ck_assert(json_equal(result_at(all, "run.started_at"),
			     result_at(off, "run.started_at")));
	drop(docs, 3);
	json_decref(off);
	json_decref(all);
	json_decref(whole);
}

TEST(a_second_counts_from_the_millisecond_of_the_start)
{
	json_t *doc = load(), *leaf, *first;

	put_text(json_object_get(doc, "run"), "started_at", "2026-11-22T06:22:00.900Z");
	put(doc, "series",
	    json_pack("[{s:f, s:i}, {s:f, s:i}]", "t", 0.05, "connects_ok", 1, "t", 0.2,
		      "connects_ok", 2));
	leaf = leaf_json(doc);
	first = json_array_get(result_at(leaf, "seconds.rows"), 0);
	ck_assert_uint_eq(json_array_size(result_at(leaf, "seconds.rows")), 2);
	ck_assert_int_eq(json_integer_value(json_array_get(first, 0)), 1795328520);
	ck_assert_int_eq(json_integer_value(json_array_get(first, 1)), 1);
	json_decref(leaf);
	json_decref(doc);
}

TEST(who_differs_is_named)
{
	json_t *whole = load(), *docs[6], *all, *outlier = NULL;
	size_t i;
	struct rng rng;

	rng_seed(&rng, 5);
	deal(&rng, whole, 6, docs);
	for (int r = 0; r < 6; r++)
		json_object_set_new(result_at(docs[r], "rate"), "connections_per_s",
				    json_real(r == 4 ? 50 : 100 + r));
	all = merged_json(docs, 6);
	json_array_foreach (result_at(all, "merged.outliers"), i, outlier)
		if (strcmp(json_string_value(json_object_get(outlier, "path")),
			   "rate.connections_per_s") == 0)
			break;
	ck_assert_ptr_nonnull(outlier);
	ck_assert_int_eq(json_integer_value(json_object_get(outlier, "rank")), 4);
	drop(docs, 6);
	json_decref(all);
	json_decref(whole);
}

/* A text of a stranger that has no room is cut, within a character: no sentence and no figure is lost. */
TEST(text_that_is_cut_loses_nothing)
{
	static const char cut[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4";
	json_t *whole = load_small(), *docs[3], *all;
	struct err err = { 0 };
	unsigned failed;
	struct gather g;
	struct rng rng;

	rng_seed(&rng, 5);
	deal(&rng, whole, 3, docs);
	put(result_at(docs[0], "totals"), cut,
	    json_null()); /* 59 letters, then two bytes each */
	put_text(result_at(docs[0], "host"), "boot_id", cut);
	put_text(docs[0], "clock_reason", cut);
	put(docs[2], "config", json_pack("{s:s}", "header", cut)); /* another run */
	ck_assert_int_eq(gather_init(&g, &err), 0);
	for (int r = 0; r < 3; r++)
		ck_assert_int_eq(gather_add(&g, docs[r], &err), 0);
	gather_unreadable(&g, "rank-\xff.json", "no \xff");
	all = whole_make(&g, &failed, &err);
	ck_assert_ptr_nonnull(all);
	ck_assert_uint_eq(json_array_size(result_at(all, "merged.problems")), 3);
	ck_assert_uint_eq(json_array_size(result_at(all, "merged.foreign")), 1);
	ck_assert_uint_eq(json_array_size(result_at(all, "merged.unreadable")), 1);
	ck_assert_int_eq(json_integer_value(result_at(all, "merged.namespaces")), 2);
	json_decref(all);
	gather_done(&g);
	drop(docs, 3);
	json_decref(whole);
}

/* ---- what is refused */

static const struct hostile {
	const char *path, *key, *value, *sentence;
} hostiles[] = {
	{ "totals", "closes", "-5", "totals.closes is negative" },
	{ "totals", "closes", "9223372036854775807", "totals.closes is too large" },
	{ "totals", "closes", "1e308", "totals.closes is too large" },
	{ "totals", "closes", "\"NaN\"", "totals.closes is no number" },
	{ "totals", "closes", "{}", "totals.closes is no number" },
	{ "totals", "closes", "[1]", "closes is no figure" },
	{ "run", "rank", "8", "run.rank 8 is not below run.ranks" },
	{ "run", "ranks", "1000001", "run.ranks is not a whole number up to 1000000" },
	{ "run", "rank", "null", "run.rank is not a whole number" },
	{ "run", "started_at", "\"yesterday\"", "run.started_at is no time" },
	{ "run", "duration_s", "-1", "run.duration_s is no duration" },
	{ "run", "duration_s", "1e300", "run.duration_s is no duration" },
	{ "latency_us.connect", "count", "-1", "latency_us.connect.count is not" },
	{ "latency_us.connect", "sum_ns", "1e9", "latency_us.connect.sum_ns is not" },
	{ "latency_us.connect", "overflow", "4000",
	  "latency_us.connect.overflow is more" },
	{ "latency_us.connect", "max", "\"x\"", "latency_us.connect.max is no duration" },
	{ "latency_us.connect", "buckets", "[[1, 5]]", "hold 5 values, but its counts" },
	{ "latency_us.connect", "buckets", "[[999999, 5]]", "that is no bucket" },
	{ "latency_us.connect", "buckets", "[[-1, 5]]", "that is no bucket" },
	{ "latency_us.connect", "buckets", "[[3, -5]]", "that is no bucket" },
	{ "latency_us.connect", "buckets", "\"x\"", "hold 0 values" },
	{ "ledger", "balanced", "1", "ledger.balanced is neither true nor false" },
	{ "clock", "offset_us", "1e9", "clock.offset_us is no difference" },
	{ "clock", "offset_us", "-9223372036854775807", "clock.offset_us is no" },
	{ "clock", "offset_us", "9223372036854775807", "clock.offset_us is no" },
	{ "clock", "error_us", "-1", "clock.error_us is not a whole number" },
	{ "clock", "error_us", "null", "clock.error_us is not a whole number" },
};

TEST_ROWS(hostile_figures_are_refused, hostiles)
{
	json_t *doc = load(), *value = json_loads(row->value, JSON_DECODE_ANY, NULL);
	struct err err = { 0 };
	struct gather g;

	ck_assert_ptr_nonnull(value);
	ck_assert_int_eq(gather_init(&g, &err), 0);
	set_clock(doc, 0, 10, "a");
	json_object_set_new(result_at(doc, row->path), row->key, value);
	ck_assert_int_lt(gather_add(&g, doc, &err), 0);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strstr(err.text, row->sentence), "%s", err.text);
	ck_assert_uint_eq(gather_count(&g), 0);
	gather_done(&g);
	json_decref(doc);
}

TEST(merges_that_overlap_are_refused)
{
	json_t *whole = load_small(), *docs[3], *two[2];
	struct err err = { 0 };
	struct gather g;
	struct rng rng;

	rng_seed(&rng, 5);
	deal(&rng, whole, 3, docs);
	two[0] = merged_json(docs, 2);
	two[1] = merged_json(docs + 1, 2);
	ck_assert_int_eq(gather_init(&g, &err), 0);
	ck_assert_int_eq(gather_add(&g, two[0], &err), 0);
	ck_assert_int_eq(gather_add(&g, two[1], &err), -EEXIST);
	ck_assert_uint_eq(gather_count(&g), 2);
	gather_done(&g);
	drop(two, 2);
	drop(docs, 3);
	json_decref(whole);
}

CHECK_MAIN("merge")
