#include "common/base/near.h"

#include <limits.h>
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *typed, *known;
	unsigned distance;
} pairs[] = {
	{ "client", "client", 0 },
	{ "",       "client", 6 },
	{ "client", "",       6 },
	{ "clent",  "client", 1 },
	{ "clieent", "client", 1 },
	{ "cliant", "client", 1 },
	{ "lcient", "client", 1 },
	{ "lab",    "report", 6 },
	{ "tcp_tw_resue_dealy", "tcp_tw_reuse_delay", 2 },
};
/* clang-format on */

TEST_ROWS(so_many_letters_differ, pairs)
{
	ck_assert_uint_eq(near_distance(row->typed, row->known), row->distance);
}

TEST(an_endless_name_is_near_to_nothing)
{
	char name[300];

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	ck_assert_uint_eq(near_distance("a", name), UINT_MAX);
	ck_assert_uint_eq(near_distance(name, "a"), sizeof(name) - 2);
}

CHECK_MAIN("near")
