/* addresses - addresses that tests name by text, such as "[::1]:5000". */
#ifndef TWSTORM_TESTS_ADDRESSES_H
#define TWSTORM_TESTS_ADDRESSES_H

#include "common/kernel/addr_list.h"
#include "tests/check_main.h"

static inline struct addr one_addr(const char *text)
{
	struct addr_list list;
	struct addr a;
	struct err err;

	ck_assert_msg(addr_parse_list(text, true, &list, &err) == 0, "%s", err.text);
	a = list.at[0];
	addr_list_done(&list);
	return a;
}

#endif
