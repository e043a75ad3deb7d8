/* How far another clock is ahead of ours, by answers that tell it. */
#include "client/clock_offset.h"

#include <stdlib.h>
#include "common/base/clock.h"
#include "common/base/rng.h"
#include "tests/check_main.h"

#define MS   ((int64_t)NS_PER_MS)
#define WALL (1795328520 * NS_PER_S) /* of our clock, when the monotonic one was AT */
#define AT   (100 * NS_PER_S)

static const struct {
	int64_t asked_ms, answered_ms, told_ms; /* since AT, since WALL */
	int64_t offset_us, error_us;
} answers[] = {
	{ 0, 0, 0, 0, 0 },
	{ 0, 10, 5, 0, 5001 } /* 1 us for the drift of 10 ms */,
	{ 0, 10, 3005, 3000000, 5001 },
	{ 0, 10, -2995, -3000000, 5001 },
	{ 0, 10, 0, -5000, 5001 }, /* the other's clock was read at once: at the bound */
	{ 0, 10, 10, 5000, 5001 },
	{ -20, -10, -15, 0, 5002 },       /* before the moment */
	{ 20000, 20002, 20001, 0, 3000 }, /* 20 s after it: 2 ms for how clocks differ */
	{ 0, 1, 3600000, 3599999500, 500 },
};

static struct clock_answer answer(int64_t asked_ns, int64_t answered_ns, int64_t told_ns)
{
	return (struct clock_answer){ AT + (uint64_t)asked_ns, AT + (uint64_t)answered_ns,
				      WALL + (uint64_t)told_ns };
}

TEST_ROWS(offset_and_error, answers)
{
	struct clock_answer a =
		answer(row->asked_ms * MS, row->answered_ms * MS, row->told_ms * MS);

	ck_assert_int_eq(clock_offset_ns(&a, AT, WALL) / 1000, row->offset_us);
	ck_assert_int_eq(clock_offset_error_ns(&a, AT) / 1000, row->error_us);
}

TEST(a_short_round_trip_is_kept_and_an_old_one_is_not)
{
	struct clock_answer best = { 0 }, next = answer(0, 10 * MS, 5 * MS);

	clock_offset_take(&best, &next, AT);
	ck_assert_uint_eq(best.told_ns, next.told_ns);
	next = answer(100 * MS, 300 * MS, 0);
	clock_offset_take(&best, &next, AT);
	ck_assert_uint_eq(best.answered_ns, AT + 10 * NS_PER_MS);
	next = answer(100 * MS, 102 * MS, 101 * MS);
	clock_offset_take(&best, &next, AT);
	ck_assert_uint_eq(best.told_ns, next.told_ns);
	next = answer(60000 * MS, 60001 * MS, 0); /* a minute later: 6 ms for the drift */
	clock_offset_take(&best, &next, AT);
	ck_assert_uint_eq(best.answered_ns, AT + 102 * NS_PER_MS);
}

/* Whatever the two ways took, and how much too fast the other clock runs. */
TEST(the_offset_is_within_its_error)
{
	struct rng rng;

	rng_seed(&rng, 27);
	for (int i = 0; i < 10000; i++) {
		struct clock_answer best = { 0 };
		int64_t ahead = (int64_t)rng_below(&rng, 20000000000) - 10000000000;
		double fast = ((double)rng_below(&rng, 20001) - 10000) * 1e-8;

		for (int k = 0; k < 8; k++) {
			int64_t asked =
				(int64_t)rng_below(&rng, 10000000000) - 1000000000;
			int64_t there = asked + (int64_t)rng_below(&rng, 50000000);
			int64_t back = there + (int64_t)rng_below(&rng, 50000000);
			struct clock_answer next =
				answer(asked, back,
				       there + ahead + (int64_t)((double)there * fast));

			clock_offset_take(&best, &next, AT);
		}
		ck_assert_int_le(llabs(clock_offset_ns(&best, AT, WALL) - ahead),
				 (int64_t)clock_offset_error_ns(&best, AT) + 1);
	}
}

CHECK_MAIN("clock_offset")
