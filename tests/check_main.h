/* check_main - the main() of a unit test: runs a list of libcheck tests as one suite, each
 * test a test case of its own, each row of it a loop iteration (so a crash is one failed
 * row).  Use:
 *
 *	int main(void)
 *	{
 *		const struct check_test tests[] = {
 *			{ parses_counts, ROWS(counts) },
 *			{ refuses_nothing, 1 },
 *			{ 0 },
 *		};
 *
 *		return check_main("units", tests);
 *	}
 */
#ifndef TWSTORM_TESTS_CHECK_MAIN_H
#define TWSTORM_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define CHECK_TIMEOUT_S                                                                  \
	60 /* a hang is a failure; sanitizers on a busy machine are slow */

struct check_test {
	const TTest *test; /* as START_TEST() names it; NULL ends the list */
	int rows;          /* the test runs with _i = 0 .. rows - 1 */
};

/* It runs one thread at a time, keeps descriptors of its own, and is /proc/self/exe. */
static inline bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

/* Returns main's: 0 if every row passed, 1 otherwise. */
static inline int check_main(const char *suite_name, const struct check_test *tests)
{
	Suite *suite = suite_create(suite_name);
	SRunner *runner = srunner_create(suite);
	int failed;

	for (; tests->test; tests++) {
		TCase *tc = tcase_create(tests->test->name);

		tcase_set_timeout(tc, CHECK_TIMEOUT_S);
		tcase_add_loop_test(tc, tests->test, 0, tests->rows);
		suite_add_tcase(suite, tc);
	}
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#endif
