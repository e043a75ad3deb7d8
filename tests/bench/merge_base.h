/* merge_base - one result that tests of merges deal among ranks, and the merge of these. */
#ifndef TWSTORM_TESTS_BENCH_MERGE_BASE_H
#define TWSTORM_TESTS_BENCH_MERGE_BASE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "bench/merge/files.h"
#include "bench/merge/whole.h"
#include "common/base/put.h"
#include "common/result/result.h"
#include "tests/tools/deal.h"

static inline json_t *load(void)
{
	json_t *doc = json_load_file("tests/data/merge/whole.json", 0, NULL);

	ck_assert_ptr_nonnull(doc);
	return doc;
}

/* Of the result only what has these keys. */
static inline json_t *load_only(const char *const *kept)
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
static inline json_t *load_small(void)
{
	static const char *const kept[] = { "schema", "complete", "run",    "host",
					    "totals", "outcomes", "errors", "latency_us",
					    "states", "targets",  NULL };

	return load_only(kept);
}

/* Adds copies of the documents, in that order, to a new gather; their merge without its ranks. */
static inline json_t *gathered(json_t *const *docs, size_t n, struct gather *g)
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
static inline char *merged(json_t *const *docs, size_t n)
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

static inline json_t *merged_json(json_t *const *docs, size_t n)
{
	char *text = merged(docs, n);
	json_t *doc = json_loads(text, 0, NULL);

	ck_assert_msg(doc != NULL, "%.300s", text);
	free(text);
	return doc;
}

static inline void drop(json_t **docs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_decref(docs[i]);
}

static inline void set_clock(json_t *doc, int64_t offset_us, int64_t error_us,
			     const char *host)
{
	put(doc, "clock",
	    json_pack("{s:I, s:I, s:s}", "offset_us", (json_int_t)offset_us, "error_us",
		      (json_int_t)error_us, "host", host));
}

#endif
