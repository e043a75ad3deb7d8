#include "common/kernel/port.h"

#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *text, *rest; /* rest NULL = it is no range */
	unsigned lo, hi;
} ranges[] = {
	{ "9000", "", 9000, 9000 },
	{ "0", "", 0, 0 },
	{ "0080", "", 80, 80 },
	{ "9000-9007,1", ",1", 9000, 9007 },
	{ "9007-9000 ", " ", 9007, 9000 },
	{ "65535", "", 65535, 65535 },
	{ "65536", NULL, 0, 0 },
	{ "18446744073709551617", NULL, 0, 0 },
	{ "1-65536", NULL, 0, 0 },
	{ "1-", NULL, 0, 0 },
	{ "-1", NULL, 0, 0 },
	{ " 1", NULL, 0, 0 },
	{ "+1", NULL, 0, 0 },
	{ "", NULL, 0, 0 },
};
/* clang-format on */

TEST_ROWS(a_range_ends_where_it_ends, ranges)
{
	struct port_range r;
	const char *rest = port_range_scan(row->text, &r);

	ck_assert_pstr_eq(rest, row->rest);
	if (!rest)
		return;
	ck_assert_uint_eq(r.lo, row->lo);
	ck_assert_uint_eq(r.hi, row->hi);
}

TEST(a_set_has_what_was_added)
{
	struct port_set set = { 0 };

	port_set_add(&set, 0);
	port_set_add_range(&set, (struct port_range){ 63, 64 });
	port_set_add_range(&set, (struct port_range){ 65535, 65535 });
	port_set_add_range(&set, (struct port_range){ 9, 8 });
	for (unsigned port = 0; port < 65536; port++)
		ck_assert_int_eq(port_set_has(&set, (uint16_t)port),
				 port == 0 || port == 63 || port == 64 || port == 65535);
}

CHECK_MAIN("port")
