/* Shares add up to the whole, exactly. */
#include "common/base/share.h"

#include "tests/check_main.h"

/* clang-format off */
static const struct {
	uint64_t whole;
	unsigned parts;
} shares[] = {
	{ 0, 1 },
	{ 0, 7 },
	{ 1, 1 },
	{ 1, 7 },
	{ 6, 7 },
	{ 7, 7 },
	{ 8, 7 },
	{ 100, 3 },
	{ 64, 2 },
	{ 1000003, 1024 },
	{ 12, 12 },
	{ UINT64_MAX, 1000 },
};
/* clang-format on */

TEST_ROWS(shares_add_up_and_differ_by_one_at_most, shares)
{
	uint64_t whole = row->whole, sum = 0, least = UINT64_MAX, most = 0;

	for (unsigned n = 0; n < row->parts; n++) {
		uint64_t share = share_of(whole, n, row->parts);

		sum += share;
		least = share < least ? share : least;
		most = share > most ? share : most;
	}
	ck_assert_uint_eq(sum, whole);
	ck_assert_uint_le(most - least, 1);
}

CHECK_MAIN("share")
