#include "common/base/hist.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "common/base/rng.h"
#include "tests/check_main.h"

#define VALUES 1000000

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Latencies from a few microseconds to many seconds, in a fixed pseudo-random order. */
static uint64_t *make_values(size_t n, uint64_t seed)
{
	uint64_t *values = malloc(n * sizeof(*values));
	struct rng r;
	size_t i;

	ck_assert_ptr_nonnull(values);
	rng_seed(&r, seed);
	for (i = 0; i < n; i++)
		values[i] = (uint64_t)(100 * exp(20 * rng_unit(&r)));
	return values;
}

static const double quantiles[] = {
	0.000001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 0.9999, 0.999999,
};

TEST(quantiles_are_within_a_thousandth)
{
	uint64_t *values = make_values(VALUES, 42), sum = 0, exact, got;
	struct hist h;
	size_t i;

	ck_assert_int_eq(hist_init(&h, NULL), 0);
	for (i = 0; i < VALUES; i++) {
		hist_record(&h, values[i]);
		sum += values[i];
	}
	hist_settle(&h);
	qsort(values, VALUES, sizeof(*values), ascending);
	for (i = 0; i < sizeof(quantiles) / sizeof(*quantiles); i++) {
		exact = values[(size_t)llround(quantiles[i] * VALUES) - 1];
		got = hist_quantile(&h, quantiles[i]);
		ck_assert_msg(fabs((double)got - (double)exact) <= 0.001 * (double)exact,
			      "%g: %lu, exactly %lu", quantiles[i], got, exact);
	}
	ck_assert_uint_eq(h.count, VALUES);
	ck_assert_uint_eq(h.sum_ns, sum);
	ck_assert_uint_eq(h.min_ns, values[0]);
	ck_assert_uint_eq(h.max_ns, values[VALUES - 1]);
	ck_assert_uint_eq(hist_quantile(&h, 0), values[0]);
	ck_assert_uint_eq(hist_quantile(&h, 1), values[VALUES - 1]);
	ck_assert_double_eq_tol(hist_mean(&h), (double)sum / VALUES, 1e-3);
	hist_done(&h);
	free(values);
}

static void assert_same(const struct hist *a, const struct hist *b)
{
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->sum_ns, b->sum_ns);
	ck_assert_uint_eq(a->min_ns, b->min_ns);
	ck_assert_uint_eq(a->max_ns, b->max_ns);
	ck_assert_uint_eq(a->overflow, b->overflow);
	for (unsigned i = 0; i < hist_buckets(); i++)
		ck_assert_uint_eq(hist_in_bucket(a, i), hist_in_bucket(b, i));
}

TEST(merging_equals_recording_all)
{
	struct hist all, part[3], merged;
	struct rng r;
	uint64_t ns;
	int i;

	hist_init(&all, NULL);
	hist_init(&merged, NULL);
	for (i = 0; i < 3; i++) /* the third stays empty */
		hist_init(&part[i], NULL);
	rng_seed(&r, 3);
	for (i = 0; i < 20000; i++) {
		ns = rng_below(&r, 1ull << (i % 39 + 1)); /* some of it overflow */
		hist_record(&all, ns);
		hist_record(&part[i % 2], ns);
	}
	for (i = 2; i >= 0; i--)
		hist_merge(&merged, &part[i]);
	hist_settle(&all);
	assert_same(&merged, &all);
	ck_assert_uint_gt(all.overflow, 0);
	for (i = 0; i < 3; i++)
		hist_done(&part[i]);
	hist_done(&merged);
	hist_done(&all);
}

static atomic_bool enough;

static void *write_on(void *arg)
{
	struct rng r;

	rng_seed(&r, 5);
	while (!atomic_load(&enough))
		hist_record(arg, rng_below(&r, 1ull << 20));
	return NULL;
}

/* What is added to `later` is never less than what was added to `sooner` before. */
TEST(another_thread_may_read_while_it_is_written)
{
	struct hist h, sooner, later;
	pthread_t writer;
	uint64_t in_buckets, less = 0;

	hist_init(&h, NULL);
	hist_init(&sooner, NULL);
	ck_assert_int_eq(pthread_create(&writer, NULL, write_on, &h), 0);
	for (int look = 0; look < 50; look++) {
		hist_init(&later, NULL);
		hist_merge(&later, &h);
		in_buckets = 0;
		for (unsigned i = 0; i < hist_buckets(); i++) {
			less += hist_in_bucket(&later, i) < hist_in_bucket(&sooner, i);
			in_buckets += hist_in_bucket(&later, i);
		}
		ck_assert_uint_eq(in_buckets, later.count);
		ck_assert_uint_eq(less, 0);
		hist_done(&sooner);
		sooner = later;
	}
	atomic_store(&enough, true);
	pthread_join(writer, NULL);
	hist_done(&sooner);
	hist_init(&later, NULL);
	hist_merge(&later, &h);
	hist_settle(&h);
	assert_same(&later, &h);
	hist_done(&later);
	hist_done(&h);
}

TEST(buckets_join_without_gap_or_overlap)
{
	uint64_t expected = 0, low, width;
	unsigned i;

	for (i = 0; i < hist_buckets(); i++) {
		low = hist_bucket_low(i);
		width = hist_bucket_width(i);
		ck_assert_uint_eq(low, expected);
		ck_assert_uint_eq(hist_bucket_of(low), i);
		ck_assert_uint_eq(hist_bucket_of(low + width - 1), i);
		ck_assert_uint_le(width, low < 1024 ? 1 : low / 1024);
		expected = low + width;
	}
	ck_assert_uint_eq(expected, HIST_MAX_NS + 1);
	ck_assert_uint_eq(hist_bucket_of(HIST_MAX_NS + 1), hist_buckets());
}

TEST(overflow_is_counted)
{
	struct hist h;

	hist_init(&h, NULL);
	hist_record(&h, 1000);
	hist_record(&h, HIST_MAX_NS);
	hist_record(&h, HIST_MAX_NS + 1);
	hist_record(&h, 5 * HIST_MAX_NS);
	hist_settle(&h);
	ck_assert_uint_eq(h.count, 4);
	ck_assert_uint_eq(h.overflow, 2);
	ck_assert_uint_eq(h.max_ns, 5 * HIST_MAX_NS);
	ck_assert_uint_eq(h.sum_ns, 1000 + 7 * HIST_MAX_NS + 1);
	ck_assert_uint_eq(hist_quantile(&h, 0.25), 1000);
	ck_assert_uint_eq(hist_quantile(&h, 0.9), 5 * HIST_MAX_NS);
	hist_done(&h);
}

static const struct {
	const char *what;
	uint64_t values[4]; /* up to the first 0 */
	double quantile;
	uint64_t expected;
} small[] = {
	{ "empty is 0", { 0 }, 0.5, 0 },
	{ "one value is every quantile", { 7777777 }, 0.5, 7777777 },
	{ "one value, the highest", { 7777777 }, 0.999, 7777777 },
	{ "half of two is the lower", { 10, 20 }, 0.5, 10 },
	{ "just above half is the upper", { 10, 20 }, 0.51, 20 },
	{ "half of three is the middle", { 10, 20, 30 }, 0.5, 20 },
	{ "not a number is the lowest", { 10, 20 }, NAN, 10 },
	{ "below 0 is the lowest", { 10, 20 }, -1, 10 },
	{ "above 1 is the highest", { 10, 20 }, 2, 20 },
};

TEST_ROWS(quantiles_of_few, small)
{
	struct hist h;
	int i;

	hist_init(&h, NULL);
	for (i = 0; i < 4 && row->values[i]; i++)
		hist_record(&h, row->values[i]);
	hist_settle(&h);
	ck_assert_msg(hist_quantile(&h, row->quantile) == row->expected, "%s: %lu",
		      row->what, hist_quantile(&h, row->quantile));
	hist_done(&h);
}

TEST(done_takes_anything)
{
	struct hist h = { 0 };

	hist_done(NULL);
	hist_done(&h);
	hist_init(&h, NULL);
	ck_assert_double_eq(hist_mean(&h), 0);
	hist_done(&h);
	hist_done(&h);
}

CHECK_MAIN("hist")
