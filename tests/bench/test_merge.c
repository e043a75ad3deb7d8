/* A merge: what ranks have together is what one run had; the order of merging makes no difference;
 * what is missing, twice or foreign is named and never added. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/merge/rules.h"
#include "tests/bench/merge_base.h"
#include "tests/check_main.h"

#define MOST 8

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

CHECK_MAIN("merge")
