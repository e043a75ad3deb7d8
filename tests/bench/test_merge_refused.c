/* A merge adds no figure of a result that is hostile, and none twice. */
#include "tests/bench/merge_base.h"
#include "tests/check_main.h"

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

CHECK_MAIN("merge_refused")
