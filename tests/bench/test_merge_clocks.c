/* A merge of ranks that did not begin together, or whose clocks differ: told by the server's clock, and by rank. */
#include "tests/bench/merge_base.h"
#include "tests/check_main.h"

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

CHECK_MAIN("merge_clocks")
