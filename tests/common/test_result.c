/* The pieces of a result document, and the way to a figure in it. */
#include "common/result/result.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/rng.h"
#include "tests/check_main.h"

#define DOC                                                                              \
	"{\"a\": 1, \"b\": {\"c\": 2, \"d.e\": 3, \"d\": {\"f\": 4}, \"d.e.g\": 5},"     \
	" \"counters\": {\"TcpExt.TW\": 6, \"Tcp.ActiveOpens\": 7},"                     \
	" \"x.y\": {\"z\": 8}, \"l\": [9, {\"address\": \"1:2\", \"n\": 10}], \"n\": "   \
	"null}"

static const struct {
	const char *path;
	int value; /* 0 = not there */
} paths[] = {
	{ "a", 1 },
	{ "b.c", 2 },
	{ "b.d.e", 3 },
	{ "b.d.f", 4 },
	{ "b.d.e.g", 5 },
	{ "counters.TcpExt.TW", 6 },
	{ "counters.Tcp.ActiveOpens", 7 },
	{ "x.y.z", 8 },
	{ "", 0 },
	{ ".", 0 },
	{ "a.", 0 },
	{ ".a", 0 },
	{ "a.b", 0 },
	{ "b..c", 0 },
	{ "b.c.", 0 },
	{ "l.0", 9 },
	{ "l.1.n", 10 },
	{ "l.1:2.n", 10 },
	{ "l.2", 0 },
	{ "l.", 0 },
	{ "l.x", 0 },
	{ "l.-1", 0 },
	{ "counters.TcpExt", 0 },
	{ "counters.TW", 0 },
	{ "x", 0 },
	{ "n.a", 0 },
};

TEST_ROWS(finds_what_is_at_a_path, paths)
{
	json_t *doc = json_loads(DOC, 0, NULL), *at = result_at(doc, row->path);

	if (row->value)
		ck_assert_int_eq(json_integer_value(at), row->value);
	else
		ck_assert_msg(!at, "%s", row->path);
	json_decref(doc);
}

TEST(a_long_path_is_survived)
{
	json_t *doc = json_loads(DOC, 0, NULL);
	char path[1000];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_ptr_null(result_at(doc, path));
	path[200] = path[400] = path[401] = '.';
	ck_assert_ptr_null(result_at(doc, path));
	ck_assert_ptr_null(result_at(NULL, "a.b"));
	json_decref(doc);
}

static const double numbers[] = { 0, -0.5, 1e300, 1e-300, NAN, INFINITY, -INFINITY };

TEST_ROWS(json_has_no_nan, numbers)
{
	json_t *v = result_real(*row);

	ck_assert_int_eq(json_is_null(v), !isfinite(*row));
	if (isfinite(*row))
		ck_assert_double_eq(json_real_value(v), *row);
	json_decref(v);
}

TEST(cpu_without_connections_is_null)
{
	json_t *cpu = result_cpu(1, 0.5, 0);

	ck_assert(json_is_null(json_object_get(cpu, "us_per_connection")));
	json_decref(cpu);
	cpu = result_cpu(1, 0.5, 1000);
	ck_assert_double_eq_tol(
		json_real_value(json_object_get(cpu, "us_per_connection")), 1500, 1e-6);
	json_decref(cpu);
}

static uint64_t stored(const json_t *o, const char *key)
{
	ck_assert_msg(json_is_integer(json_object_get(o, key)), "%s", key);
	return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* Reads a stored histogram back: buckets, then the exact figures. */
static void read_back(const json_t *o, struct hist *h)
{
	const json_t *pair;
	size_t i;

	ck_assert_int_eq(hist_init(h, NULL), 0);
	json_array_foreach (json_object_get(o, "buckets"), i, pair) {
		unsigned bucket = (unsigned)json_integer_value(json_array_get(pair, 0));
		json_int_t n = json_integer_value(json_array_get(pair, 1));

		for (; n > 0; n--)
			hist_record(h, hist_bucket_low(bucket));
	}
	hist_settle(h);
	h->overflow = stored(o, "overflow");
	h->count += h->overflow;
	h->sum_ns = stored(o, "sum_ns");
	h->min_ns = (uint64_t)llround(json_real_value(json_object_get(o, "min")) * 1000);
	h->max_ns = (uint64_t)llround(json_real_value(json_object_get(o, "max")) * 1000);
}

static const struct {
	const char *what;
	unsigned n;
	uint64_t from, to; /* ns */
} hists[] = {
	{ "one", 1, 12345, 12345 },
	{ "two alike", 2, 500, 500 },
	{ "a usual lot", 20000, 10 * NS_PER_US, 3 * NS_PER_MS },
	{ "from 0", 1000, 0, 100 },
	{ "seconds", 1000, NS_PER_S, 100 * NS_PER_S },
	{ "with overflow", 1000, 100 * NS_PER_S, 200 * NS_PER_S },
	{ "overflow alone", 10, 140 * NS_PER_S, 300 * NS_PER_S },
};

TEST_ROWS(a_histogram_survives_json, hists)
{
	const double quantiles[] = { 0, 0.001, 0.5, 0.9, 0.99, 0.999, 1 };
	struct hist h, back;
	struct rng rng;
	char *text;
	json_t *o;

	rng_seed(&rng, 7);
	ck_assert_int_eq(hist_init(&h, NULL), 0);
	for (unsigned i = 0; i < row->n; i++)
		hist_record(&h, row->from + rng_below(&rng, row->to - row->from + 1));
	hist_settle(&h);
	o = result_hist(&h);
	text = json_dumps(o, JSON_REAL_PRECISION(17));
	json_decref(o);
	o = json_loads(text, 0, NULL);
	read_back(o, &back);
	ck_assert_uint_eq(back.count, h.count);
	ck_assert_uint_eq(back.sum_ns, h.sum_ns);
	ck_assert_uint_eq(back.min_ns, h.min_ns);
	ck_assert_uint_eq(back.max_ns, h.max_ns);
	for (int q = 0; q < ROWS(quantiles); q++)
		ck_assert_uint_eq(hist_quantile(&back, quantiles[q]),
				  hist_quantile(&h, quantiles[q]));
	json_decref(o);
	free(text);
	hist_done(&h);
	hist_done(&back);
}

TEST(an_empty_histogram_measured_nothing)
{
	const char *const keys[] = { "min", "mean", "p50", "p90", "p99", "p999", "max" };
	struct hist h;
	json_t *o;

	ck_assert_int_eq(hist_init(&h, NULL), 0);
	o = result_hist(&h);
	ck_assert_uint_eq(stored(o, "count"), 0);
	ck_assert_uint_eq(stored(o, "overflow"), 0);
	for (int i = 0; i < ROWS(keys); i++)
		ck_assert_msg(json_is_null(json_object_get(o, keys[i])), "%s", keys[i]);
	ck_assert_uint_eq(json_array_size(json_object_get(o, "buckets")), 0);
	json_decref(o);
	hist_done(&h);
}

TEST(errors_go_by_their_names)
{
	struct tally_errnos t = { 0 };
	json_t *o;

	tally_errno(&t, ECONNREFUSED);
	tally_errno(&t, ECONNREFUSED);
	tally_errno(&t, 0);
	tally_errno(&t, -3);
	tally_errno(&t, TALLY_ERRNOS);
	tally_errno(&t, EHWPOISON);
	o = result_errnos(&t);
	ck_assert_uint_eq(stored(o, "ECONNREFUSED"), 2);
	ck_assert_uint_eq(stored(o, "UNKNOWN"), 3);
	ck_assert_uint_eq(stored(o, "EHWPOISON"), 1);
	ck_assert_uint_eq(json_object_size(o), 3);
	json_decref(o);
	ck_assert_int_eq(result_errno_by_name("ECONNREFUSED"), ECONNREFUSED);
	ck_assert_int_eq(result_errno_by_name("EPERM"), EPERM);
	ck_assert_int_eq(result_errno_by_name("EHWPOISON"), EHWPOISON);
	ck_assert_int_eq(result_errno_by_name("ENOSUCH"), 0);
	ck_assert_int_eq(result_errno_by_name(""), 0);
}

/* 41 and 58 have no name on Linux: what is counted there must not hide other unknown ones. */
TEST(errnos_without_a_name_add_up)
{
	struct tally_errnos t = { 0 };
	json_t *o;

	tally_errno(&t, 41);
	tally_errno(&t, 58);
	tally_errno(&t, 0);
	o = result_errnos(&t);
	ck_assert_uint_eq(stored(o, "UNKNOWN"), 3);
	json_decref(o);
}

TEST(all_eleven_states_are_there)
{
	struct tcp_states s = { .n = { [STATE_TIME_WAIT] = 18122 } };
	json_t *o = result_states(&s);

	ck_assert_uint_eq(json_object_size(o), 11);
	ck_assert_uint_eq(stored(o, "TIME_WAIT"), 18122);
	ck_assert_uint_eq(stored(o, "CLOSING"), 0);
	json_decref(o);
}

TEST(an_unknown_counter_is_null)
{
	struct kernel_counters c = { .n = { [KC_TW] = 5 }, .known = 1ull << KC_TW };
	json_t *o = result_counters(&c);

	ck_assert_uint_eq(stored(o, "TcpExt.TW"), 5);
	ck_assert(json_is_null(json_object_get(o, "Tcp.ActiveOpens")));
	ck_assert_uint_eq(json_object_size(o), KERNEL_COUNTERS);
	json_decref(o);
}

TEST(words_that_are_not_utf8_are_kept_readable)
{
	char good[] = "-t", bad[] = "\xff\xfe";
	char *argv[] = { good, bad };
	json_t *o = result_argv(2, argv);

	ck_assert_uint_eq(json_array_size(o), 2);
	ck_assert_str_eq(json_string_value(json_array_get(o, 0)), "-t");
	ck_assert_ptr_nonnull(json_string_value(json_array_get(o, 1)));
	json_decref(o);
}

CHECK_MAIN("result")
