/* What happened over time, in bounded memory. */
#include "client/series.h"

#include "common/base/clock.h"
#include "tests/check_main.h"

#define STEP (100 * NS_PER_MS)

/* Fills it as a run of `steps` steps would. */
static void fill(struct series *s, unsigned steps)
{
	struct err err;

	ck_assert_int_eq(series_init(s, STEP, &err), 0);
	for (unsigned i = 0; i < steps; i++) {
		uint64_t t = i * STEP;
		struct series_row row = { .t = (double)t / NS_PER_S, .connects_ok = i };

		if (series_due(s, t))
			series_add(s, &row, t);
	}
}

static const struct {
	const char *what;
	unsigned steps, rows, every;
} runs[] = {
	{ "nothing", 0, 0, 1 },
	{ "one", 1, 1, 1 },
	{ "all that fit", SERIES_ROWS, SERIES_ROWS, 1 },
	{ "one more", SERIES_ROWS + 1, SERIES_ROWS / 2 + 1, 2 },
	{ "full again", 2 * SERIES_ROWS, SERIES_ROWS, 2 },
	{ "thinned twice", 2 * SERIES_ROWS + 1, SERIES_ROWS / 2 + 1, 4 },
	{ "a day of it", 864000, 844, 1024 },
};

TEST_ROWS(rows_stay_even_and_few, runs)
{
	struct series s;

	fill(&s, row->steps);
	ck_assert_msg(s.n == row->rows, "%s: %u rows", runs[_i].what, s.n);
	ck_assert_uint_eq(s.step_ns, row->every * STEP);
	for (unsigned i = 0; i < s.n; i++)
		if (s.row[i].connects_ok != (uint64_t)i * row->every)
			ck_abort_msg("%s: row %u", row->what, i);
	series_done(&s);
	series_done(&s);
}

TEST(a_late_row_does_not_shift_the_rest)
{
	struct series s;
	struct err err;
	const struct series_row row = { .t = 0 };

	ck_assert_int_eq(series_init(&s, STEP, &err), 0);
	ck_assert(series_due(&s, 0));
	series_add(&s, &row, 0);
	ck_assert(!series_due(&s, STEP - 1));
	ck_assert(series_due(&s, STEP));
	series_add(&s, &row, 5 * STEP + STEP / 2); /* the machine was busy elsewhere */
	ck_assert_uint_eq(s.n, 2);
	ck_assert(!series_due(&s, 6 * STEP - 1));
	ck_assert(series_due(&s, 6 * STEP));
	series_done(&s);
}

TEST(what_was_not_measured_is_null)
{
	struct series s;
	struct err err;
	struct series_row row = { .t = 1.5, .connects_ok = 7, .ports_in_use = 3 };
	json_t *list, *o;

	ck_assert_int_eq(series_init(&s, STEP, &err), 0);
	series_add(&s, &row, 0);
	row.has_client = true;
	row.client.n[STATE_TIME_WAIT] = 3;
	series_add(&s, &row, STEP);
	list = series_json(&s, 3);
	ck_assert_uint_eq(json_array_size(list), 2);
	o = json_array_get(list, 0);
	ck_assert_double_eq(json_real_value(json_object_get(o, "t")), 1.5);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "connects_ok")), 7);
	ck_assert(json_is_null(json_object_get(o, "ports_in_use")));
	ck_assert(json_is_null(json_object_get(o, "client")));
	ck_assert(json_is_null(json_object_get(o, "server")));
	o = json_array_get(list, 1);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "ports_in_use")), 3);
	o = json_object_get(o, "client");
	ck_assert_int_eq(json_integer_value(json_object_get(o, "TIME_WAIT")), 3);
	ck_assert_uint_eq(json_object_size(o), 1); /* only states that had sockets */
	json_decref(list);
	series_done(&s);
}

TEST(between_two_counts_no_more_ports_are_told_than_were_counted)
{
	struct series s;
	struct err err;
	struct series_row row = { .ports_in_use = 161, .has_client = true };
	json_t *list;

	ck_assert_int_eq(series_init(&s, STEP, &err), 0);
	series_add(&s, &row, 0);
	list = series_json(&s, 150);
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(list, 0),
							    "ports_in_use")),
			 150);
	json_decref(list);
	series_done(&s);
}

CHECK_MAIN("series")
