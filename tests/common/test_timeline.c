/* Deadlines that all lie the same time ahead. */
#include "common/loop/timeline.h"

#include <stddef.h>
#include "tests/check_main.h"

#define AFTER 100

TEST(an_empty_one_has_nothing)
{
	struct timeline t;

	timeline_init(&t, AFTER);
	ck_assert_ptr_null(timeline_expired(&t, UINT64_MAX));
	ck_assert_uint_eq(timeline_next_ns(&t), UINT64_MAX);
}

TEST(expires_at_its_deadline_and_once)
{
	struct timeline t;
	struct timeline_node n = { 0 };

	timeline_init(&t, AFTER);
	timeline_arm(&t, &n, 1000);
	ck_assert_uint_eq(timeline_next_ns(&t), 1100);
	ck_assert_ptr_null(timeline_expired(&t, 1099));
	ck_assert_ptr_eq(timeline_expired(&t, 1100), &n);
	ck_assert_ptr_null(n.on);
	ck_assert_ptr_null(timeline_expired(&t, UINT64_MAX));
	ck_assert_uint_eq(timeline_next_ns(&t), UINT64_MAX);
}

TEST(expires_in_the_order_of_arming)
{
	struct timeline t;
	struct timeline_node n[5] = { 0 };

	timeline_init(&t, AFTER);
	for (unsigned i = 0; i < 5; i++)
		timeline_arm(&t, &n[i], 10 * i);
	ck_assert_ptr_eq(timeline_expired(&t, 115), &n[0]);
	ck_assert_ptr_eq(timeline_expired(&t, 115), &n[1]);
	ck_assert_ptr_null(timeline_expired(&t, 115));
	ck_assert_uint_eq(timeline_next_ns(&t), 120);
}

TEST(arming_again_starts_anew)
{
	struct timeline t;
	struct timeline_node a = { 0 }, b = { 0 };

	timeline_init(&t, AFTER);
	timeline_arm(&t, &a, 0);
	timeline_arm(&t, &b, 10);
	timeline_arm(&t, &a, 20);
	ck_assert_uint_eq(timeline_next_ns(&t), 110);
	ck_assert_ptr_eq(timeline_expired(&t, 200), &b);
	ck_assert_ptr_eq(timeline_expired(&t, 200), &a);
}

TEST(a_node_is_on_one_timeline_only)
{
	struct timeline t, u;
	struct timeline_node a = { 0 };

	timeline_init(&t, AFTER);
	timeline_init(&u, 2 * AFTER);
	timeline_arm(&t, &a, 0);
	timeline_arm(&u, &a, 0);
	ck_assert_ptr_eq(a.on, &u);
	ck_assert_ptr_null(timeline_expired(&t, UINT64_MAX));
	ck_assert_ptr_null(timeline_expired(&u, 199));
	ck_assert_ptr_eq(timeline_expired(&u, 200), &a);
}

TEST(zero_means_never)
{
	struct timeline t, never;
	struct timeline_node a = { 0 };

	timeline_init(&t, AFTER);
	timeline_init(&never, 0);
	timeline_arm(&never, &a, 5);
	ck_assert_ptr_null(a.on);
	ck_assert_uint_eq(timeline_next_ns(&never), UINT64_MAX);
	/* and arming there takes it off the other */
	timeline_arm(&t, &a, 5);
	timeline_arm(&never, &a, 5);
	ck_assert_ptr_null(timeline_expired(&t, UINT64_MAX));
}

TEST_TIMES(disarming_takes_it_out_wherever_it_is, 3)
{
	struct timeline t;
	struct timeline_node n[3] = { 0 };

	timeline_init(&t, AFTER);
	for (int i = 0; i < 3; i++)
		timeline_arm(&t, &n[i], 0);
	timeline_disarm(&n[_i]);
	timeline_disarm(&n[_i]); /* twice does no harm */
	for (int i = 0; i < 3; i++)
		if (i != _i)
			ck_assert_ptr_eq(timeline_expired(&t, AFTER), &n[i]);
	ck_assert_ptr_null(timeline_expired(&t, AFTER));
	timeline_arm(&t, &n[_i], 7);
	ck_assert_ptr_eq(timeline_expired(&t, 7 + AFTER), &n[_i]);
}

/* The longest duration an option takes is INT64_MAX. */
TEST(far_deadlines_do_not_wrap)
{
	struct timeline t;
	struct timeline_node a = { 0 };

	timeline_init(&t, INT64_MAX);
	timeline_arm(&t, &a, 1ull << 60);
	ck_assert_ptr_null(timeline_expired(&t, 1ull << 62));
	ck_assert_uint_eq(timeline_next_ns(&t), INT64_MAX + (1ull << 60));
}

CHECK_MAIN("timeline")
