/* How TIME_WAIT went away: falls of the count, those close together being one. */
#include "client/drain.h"

#include "common/base/clock.h"
#include "tests/check_main.h"

#define STEP     (100 * NS_PER_MS)
#define ROWS_MAX 64
#define NONE     -1 /* not counted */

/* clang-format off */
static const struct {
	const char *what;
	int time_wait[ROWS_MAX]; /* 100 ms apart */
	unsigned rows;
	bool known;
	unsigned steps;
	double began_s, last_s, ended_s;
} cases[] = {
	{ "nothing was counted", { NONE, NONE }, 2, false, 0, 0, 0, 0 },
	{ "it only grows", { 0, 5, 5, 9 }, 4, true, 0, 0, 0, 0 },
	{ "one fall", { 0, 5, 5, 3, 3 }, 5, true, 1, 0.3, 0.3, 0.3 },
	{ "one fall in three counts", { 9, 7, 5, 3, 3 }, 5, true, 1, 0.1, 0.1, 0.3 },
	{ "a fall that a count saw late", { 9, 7, 7, 7, 7, 5 }, 6, true, 1, 0.1, 0.1, 0.5 },
	{ "two", { 9, 7, 7, 7, 7, 7, 5 }, 7, true, 2, 0.1, 0.6, 0.6 },
	{ "it grows between them", { 9, 7, 7, 8, 8, 9, 9, 5 }, 8, true, 2, 0.1, 0.7, 0.7 },
	{ "three, the last in two counts",
	  { 9, 7, 7, 7, 7, 7, 7, 5, 5, 5, 5, 5, 5, 2, 0 },
	  15, true, 3, 0.1, 1.3, 1.4 },
	{ "a row without a count is no fall", { 9, NONE, 9, 9 }, 4, true, 0, 0, 0, 0 },
};
/* clang-format on */

static void fill(struct series *s, unsigned n)
{
	struct err err;

	ck_assert_int_eq(series_init(s, STEP, &err), 0);
	for (unsigned i = 0; i < cases[n].rows; i++) {
		struct series_row row = { .t = (double)i / 10,
					  .has_client = cases[n].time_wait[i] != NONE };

		if (row.has_client)
			row.client.n[STATE_TIME_WAIT] = (uint64_t)cases[n].time_wait[i];
		series_add(s, &row, i * STEP);
	}
}

TEST_ROWS(falls_are_found, cases)
{
	struct series s;
	struct drain d;

	fill(&s, (unsigned)_i);
	drain_find(&s, &d);
	ck_assert_msg(d.known == row->known, "%s: known", row->what);
	ck_assert_msg(d.steps == row->steps, "%s: %u steps", row->what, d.steps);
	ck_assert_double_eq_tol(d.began_s, row->began_s, 1e-9);
	ck_assert_double_eq_tol(d.last_s, row->last_s, 1e-9);
	ck_assert_double_eq_tol(d.ended_s, row->ended_s, 1e-9);
	series_done(&s);
}

/* clang-format off */
static const struct {
	struct drain d;
	const char *json;
} written[] = {
	{ { .known = false }, "{\"steps\":null,\"began_s\":null,\"ended_s\":null,\"step_s\":null}" },
	{ { .known = true }, "{\"steps\":0,\"began_s\":null,\"ended_s\":null,\"step_s\":null}" },
	{ { true, 1, 60.5, 60.5, 60.75 }, "{\"steps\":1,\"began_s\":60.5,\"ended_s\":60.75,\"step_s\":null}" },
	{ { true, 5, 60.5, 68.5, 68.75 }, "{\"steps\":5,\"began_s\":60.5,\"ended_s\":68.75,\"step_s\":2.0}" },
};
/* clang-format on */

TEST_ROWS(what_did_not_happen_is_null, written)
{
	json_t *o = drain_json(&row->d);
	char *text = json_dumps(o, JSON_COMPACT);

	ck_assert_str_eq(text, row->json);
	free(text);
	json_decref(o);
}

CHECK_MAIN("drain")
