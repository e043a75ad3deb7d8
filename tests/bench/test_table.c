/* The table over all variants: headings, and verdicts of rounds that were not all judged. */
#include <stdlib.h>
#include <string.h>
#include "bench/lab/table.h"
#include "bench/lab/verdicts.h"
#include "tests/check_main.h"

static char *verdicts(const char *rows)
{
	json_t *all = json_loads(rows, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(all);
	verdicts_print(out, all);
	fclose(out);
	json_decref(all);
	return text;
}

/* The figure stands behind the verdict where the verdict is short, else below it. */
#define ROUND(variant, verdict)                                                          \
	"{\"variant\": \"" variant "\", \"figure\": \"f\", \"verdict\": " verdict "}"

/* clang-format off */
static const struct {
	const char *what, *rows, *shows;
} tables[] = {
	{ "one round", "[" ROUND("a", "\"works\"") "]", "  a        works  f\n" },
	{ "the same twice", "[" ROUND("a", "\"works\"") "," ROUND("a", "\"works\"") "]", "  a        works  f\n" },
	{ "not the same", "[" ROUND("a", "\"works\"") "," ROUND("a", "\"harmful\"") "]",
	  "  a        works, but also harmful\n                  f\n" },
	{ "the first was not judged", "[" ROUND("a", "null") "," ROUND("a", "\"works\"") "]", "  a        works  f\n" },
	{ "the last was not judged", "[" ROUND("a", "\"works\"") "," ROUND("a", "null") "]", "  a        works  f\n" },
	{ "none was judged", "[" ROUND("a", "null") "]", "" },
};
/* clang-format on */

TEST_ROWS(shows_verdicts, tables)
{
	char *text = verdicts(row->rows);

	ck_assert_msg(strcmp(text, row->shows) == 0, "%s: %s", row->what, text);
	free(text);
}

TEST(a_verdict_shows_what_was_in_force)
{
	char *text = verdicts("[{\"variant\": \"a\", \"verdict\": \"void\", \"figure\": "
			      "\"it died\", \"applied\": \"client net.x = 1\"}]");

	ck_assert_str_eq(text,
			 "  a        void   it died\n      in force: client net.x = 1\n");
	free(text);
}

TEST(another_verdict_than_was_expected_is_told)
{
	char *text = verdicts(
		"[{\"variant\": \"a\", \"verdict\": \"works\", \"wanted\": "
		"\"no effect\", \"figure\": \"x = 5 > 3\", \"seen\": \"5 of 9 done\"}]");

	ck_assert_str_eq(text, "  a        works  5 of 9 done\n"
			       "      NO. Expected verdict: no effect\n");
	free(text);
}

TEST(what_could_not_run_here_has_no_wrong_verdict)
{
	char *text =
		verdicts("[{\"variant\": \"a\", \"verdict\": \"not on this kernel\", "
			 "\"wanted\": \"works\", \"ok\": true}]");

	ck_assert_str_eq(text, "  a        not on this kernel\n");
	free(text);
}

/* The baseline, what works, what harms, the others in the file's order, what showed nothing; the rounds
 * of one variant stay together. */
TEST(what_works_comes_first)
{
	static const char *const order[] = { "base", "w", "v",   "h",
					     "n",    "o", "not", "dead" };
	json_t *rows = json_loads(
		"[" ROUND("base", "null") "," ROUND("dead", "\"void\"") "," ROUND("n", "\"no effect\"") "," ROUND("w", "\"works\"") "," ROUND(
			"not",
			"\"not on this kernel\"") "," ROUND("h",
							    "\"harmful\"") "," ROUND("v",
										     "nul"
										     "l") "," ROUND("o",
												    "\"so so\"") "," ROUND("v",
															   "\"works\"") "]",
		0, NULL);
	json_t *sorted = verdicts_sort(rows), *row;
	size_t i, at = 0;
	const char *last = "";

	ck_assert_uint_eq(json_array_size(sorted), 9);
	json_array_foreach (sorted, i, row) {
		const char *variant = json_string_value(json_object_get(row, "variant"));

		if (strcmp(variant, last) != 0)
			ck_assert_str_eq(variant, order[at++]);
		last = variant;
	}
	json_decref(sorted);
	json_decref(rows);
}

/* clang-format off */
#define EXPECTS(variant, ok) "{\"variant\": \"" variant "\", \"ok\": " ok ", \"expectations\": [{}]}"
#define NOT_HERE(variant, more) "{\"variant\": \"" variant "\", \"ok\": true, \"verdict\": \"not on this kernel\"" more "}"
static const struct {
	const char *rows, *shows;
	bool rounds;
} expected[] = {
	{ "[" EXPECTS("a", "true") "," EXPECTS("b", "true") "]", "  Each of the 2 was as expected.\n\n", false },
	{ "[" EXPECTS("a", "true") "," EXPECTS("b", "true") "," NOT_HERE("c", "") "]",
	  "  Each of the 2 that could run was as expected; 1 could not run here.\n\n", false },
	{ "[" EXPECTS("a", "true") "," EXPECTS("d", "true") "," NOT_HERE("b", ", \"wanted\": \"works\"") "," NOT_HERE("c", "") "]",
	  "  Each of the 2 that could run was as expected; 2 could not run here.\n\n", false },
	{ "[" NOT_HERE("a", ", \"wanted\": \"works\"") "]", "", false },
	{ "[" EXPECTS("a", "true") "," NOT_HERE("b", ", \"wanted\": \"not on this kernel\"") "]",
	  "  Each of the 2 was as expected.\n\n", false },
	{ "[" EXPECTS("a", "true") "," EXPECTS("b", "false") "]", "", false },
	{ "[{\"variant\": \"a\", \"ok\": true}]", "", false },
	{ "[" EXPECTS("a", "true") "," EXPECTS("a", "false") "]", "  a        1 of 2 as expected\n\n", true },
};
/* clang-format on */

TEST_ROWS(what_was_expected_is_answered, expected)
{
	json_t *rows = json_loads(row->rows, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_expected(out, rows, row->rounds);
	fclose(out);
	ck_assert_str_eq(text, row->shows);
	free(text);
	json_decref(rows);
}

/* Of many variants; few are seen at a glance. */
TEST(verdicts_are_counted)
{
	json_t *rows = json_array();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (char name[] = "a"; *name < 'i'; ++*name)
		json_array_append_new(rows, json_pack("{s:s, s:s}", "variant", name,
						      "verdict", "works"));
	verdicts_count(out, rows);
	json_array_append_new(
		rows, json_pack("{s:s, s:s}", "variant", "z", "verdict", "harmful"));
	verdicts_count(out, rows);
	fclose(out);
	ck_assert_str_eq(text, "  Verdicts: works 8, harmful 1.\n");
	free(text);
	json_decref(rows);
}

TEST(a_heading_keeps_its_words)
{
	json_t *columns = json_loads("[{\"title\": \"the server's 'peak\"}]", 0, NULL);
	json_t *rows = json_loads("[{\"variant\": \"a\", \"cells\": [12]}]", 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_print(out, columns, rows);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "the"));
	ck_assert_ptr_nonnull(strstr(text, "server's"));
	ck_assert_ptr_nonnull(strstr(text, "'peak"));
	free(text);
	json_decref(columns);
	json_decref(rows);
}

/* Of several rounds the median, or by ".." the lowest and the highest. */
TEST(rounds_have_a_median_or_a_range)
{
	json_t *columns =
		json_loads("[{\"title\": \"ms ..\"}, {\"title\": \"ms\"}]", 0, NULL);
	json_t *rows = json_loads("[{\"variant\": \"a\", \"cells\": [9, 9]}, "
				  "{\"variant\": \"a\", \"cells\": "
				  "[12, 12]}, {\"variant\": \"a\", \"cells\": [10, 10]},"
				  " {\"variant\": \"b\", \"cells\": [7, null]}]",
				  0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	table_print(out, columns, rows);
	fclose(out);
	ck_assert_str_eq(text, "  variant     ms  ms\n"
			       "  a        9..12  10\n"
			       "  b            7   -\n");
	free(text);
	json_decref(columns);
	json_decref(rows);
}

CHECK_MAIN("table")
