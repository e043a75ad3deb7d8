#include "common/base/rng.h"

#include <math.h>
#include "tests/check_main.h"

#define DRAWS 200000

TEST(is_splitmix64)
{
	struct rng r;

	/* the reference implementation's first numbers for seed 1234567 */
	rng_seed(&r, 1234567);
	ck_assert_uint_eq(rng_next(&r), 6457827717110365317ull);
	ck_assert_uint_eq(rng_next(&r), 3203168211198807973ull);
	ck_assert_uint_eq(rng_next(&r), 9817491932198370423ull);
}

TEST(same_seed_same_numbers)
{
	struct rng a, b, c;
	int i, differ = 0;

	rng_seed(&a, 7);
	rng_seed(&b, 7);
	rng_seed(&c, 8);
	for (i = 0; i < 100; i++) {
		uint64_t n = rng_next(&a);

		ck_assert_uint_eq(n, rng_next(&b));
		differ += n != rng_next(&c);
	}
	ck_assert_int_eq(differ, 100);
}

/* clang-format off */
static const struct {
	const char *what;
	uint64_t bound;
} bounds[] = {
	{ "one possible value", 1 },
	{ "a coin", 2 },
	{ "not a power of two", 7 },
	{ "more than half of all", (1ull << 63) + 1 },
	{ "the largest", UINT64_MAX },
};
/* clang-format on */

TEST_ROWS(below_stays_below, bounds)
{
	struct rng r;
	int i;

	rng_seed(&r, 1);
	for (i = 0; i < 1000; i++)
		ck_assert_msg(rng_below(&r, row->bound) < row->bound, "%s", row->what);
}

TEST(below_is_even)
{
	unsigned seen[7] = { 0 };
	struct rng r;
	int i;

	rng_seed(&r, 1);
	for (i = 0; i < 70000; i++)
		seen[rng_below(&r, 7)]++;
	for (i = 0; i < 7; i++)
		ck_assert_msg(seen[i] > 9600 && seen[i] < 10400, "%d: %u", i, seen[i]);
}

TEST(unit_is_above_zero_and_at_most_one)
{
	double sum = 0, u;
	struct rng r;
	int i;

	rng_seed(&r, 1);
	for (i = 0; i < DRAWS; i++) {
		u = rng_unit(&r);
		ck_assert(u > 0 && u <= 1);
		sum += u;
	}
	ck_assert_double_eq_tol(sum / DRAWS, 0.5, 0.005);
}

TEST(exp_has_mean_and_variance_one)
{
	double sum = 0, squares = 0, mean, x;
	struct rng r;
	int i;

	rng_seed(&r, 1);
	for (i = 0; i < DRAWS; i++) {
		x = rng_exp(&r);
		ck_assert(isfinite(x) && x >= 0);
		sum += x;
		squares += x * x;
	}
	mean = sum / DRAWS;
	ck_assert_double_eq_tol(mean, 1, 0.02);
	ck_assert_double_eq_tol(squares / DRAWS - mean * mean, 1, 0.04);
}

CHECK_MAIN("rng")
