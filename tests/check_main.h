/* check_main - a unit test is one libcheck suite.  Each test is a test case of its own, each row
 * of a table a loop iteration (so a crash is one failed row), run in the order of the file:
 *
 *	TEST(refuses_nothing) { ... }
 *	TEST_ROWS(parses_counts, counts) { ... row->text ... }
 *
 *	CHECK_MAIN("units")
 *
 * or, where each test needs the same around it, CHECK_MAIN_AROUND("units", begin, end).
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

#define CHECK_MAX 64

struct check_test {
	const TTest *test; /* NULL ends the list */
	int rows;          /* the test runs with _i = 0 .. rows - 1 */
};

static struct check_test check_tests[CHECK_MAX + 1];
static void (*check_before)(void), (*check_after)(void); /* each row, in its process */

static inline void check_add(const TTest *test, int rows)
{
	int n = 0;

	while (check_tests[n].test)
		n++;
	if (n == CHECK_MAX)
		abort();
	check_tests[n] = (struct check_test){ test, rows };
}

/* The test is on the list before main() begins. */
#define TEST_TIMES(name_, n)                                                             \
	static void name_(int _i);                                                       \
	__attribute__((constructor)) static void name_##_is_listed(void)                 \
	{                                                                                \
		static const TTest test = { #name_, name_, __FILE__, __LINE__ };         \
                                                                                         \
		check_add(&test, n);                                                     \
	}                                                                                \
	static void name_(int _i CK_ATTRIBUTE_UNUSED)
#define TEST(name) TEST_TIMES(name, 1)
#define TEST_ROWS(name_, table)                                                          \
	static void name_##_holds(__typeof__(&(table)[0]) row, int _i);                  \
	TEST_TIMES(name_, ROWS(table))                                                   \
	{                                                                                \
		name_##_holds(&(table)[_i], _i);                                         \
	}                                                                                \
	static void name_##_holds(__typeof__(&(table)[0]) row CK_ATTRIBUTE_UNUSED,       \
				  int _i CK_ATTRIBUTE_UNUSED)

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
		tcase_add_checked_fixture(tc, check_before, check_after);
		tcase_add_loop_test(tc, tests->test, 0, tests->rows);
		suite_add_tcase(suite, tc);
	}
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

#define CHECK_MAIN_AROUND(suite_name, before, after)                                     \
	int main(void)                                                                   \
	{                                                                                \
		check_before = before;                                                   \
		check_after = after;                                                     \
		return check_main(suite_name, check_tests);                              \
	}
#define CHECK_MAIN(suite_name) CHECK_MAIN_AROUND(suite_name, NULL, NULL)

#endif
