/* The table over all variants: headings, and verdicts of rounds that were not all judged. */
#include <stdlib.h>
#include <string.h>
#include "bench/lab/table.h"
#include "tests/check_main.h"

static char *verdicts(const char *rows)
{
	json_t *all = json_loads(rows, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(all);
	table_verdicts(out, all);
	fclose(out);
	json_decref(all);
	return text;
}

#define ROUND(variant, verdict)                                                          \
	"{\"variant\": \"" variant "\", \"figure\": \"f\", \"verdict\": " verdict "}"

/* clang-format off */
static const struct {
	const char *what, *rows, *shows;
} tables[] = {
	{ "one round", "[" ROUND("a", "\"works\"") "]", "  a        works\n      f\n" },
	{ "the same twice", "[" ROUND("a", "\"works\"") "," ROUND("a", "\"works\"") "]", "  a        works\n      f\n" },
	{ "not the same", "[" ROUND("a", "\"works\"") "," ROUND("a", "\"harmful\"") "]",
	  "  a        works, but also harmful\n      f\n" },
	{ "the first was not judged", "[" ROUND("a", "null") "," ROUND("a", "\"works\"") "]", "  a        works\n      f\n" },
	{ "the last was not judged", "[" ROUND("a", "\"works\"") "," ROUND("a", "null") "]", "  a        works\n      f\n" },
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

	ck_assert_str_eq(text, "  a        void\n      it died\n      in force: client "
			       "net.x = 1\n");
	free(text);
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

CHECK_MAIN("table")
