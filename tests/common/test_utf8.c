/* What is UTF-8 and what is not, and that nothing is lost that is not. */
#include <string.h>
#include "common/base/utf8.h"
#include "tests/check_main.h"

static const struct {
	const char *text, *json; /* NULL = it stays as it is */
} texts[] = {
	{ "", NULL },
	{ "plain", NULL },
	{ "caf\xc3\xa9", NULL },
	{ "\xe2\x82\xac 5", NULL },
	{ "\xf0\x9f\x98\x80", NULL },
	{ "caf\xe9", "caf?" },
	{ "cut \xe2\x82", "cut ??" },
	{ "long \xc0\xaf", "long ??" },
	{ "half \xed\xa0\x80", "half ???" },
	{ "far \xf4\x90\x80\x80", "far ????" },
	{ "\xff and on", "? and on" },
};

TEST_ROWS(as_json, texts)
{
	json_t *v = utf8_json(row->text);

	ck_assert_int_eq(utf8_valid(row->text), !row->json);
	ck_assert_str_eq(json_string_value(v), row->json ? row->json : row->text);
	json_decref(v);
}

/* clang-format off */
static const struct {
	const char *text, *tame; /* NULL = it stays as it is */
} lines[] = {
	{ "a\tb", NULL },
	{ "caf\xc3\xa9", NULL },
	{ "\033[2J", "?[2J" },
	{ "\x7f\r", "??" },
	{ "\xc2\x9b" "2J", "??2J" },
	{ "\xc2\xa0", NULL },
	{ "cut \xe2\x82", "cut ??" },
};
/* clang-format on */

TEST(a_tab_where_it_may_not_be)
{
	char text[] = "a\tb";

	ck_assert(!utf8_is_tame(text, false));
	utf8_tame(text, false);
	ck_assert_str_eq(text, "a?b");
}

TEST_ROWS(no_terminal_obeys, lines)
{
	char text[40];

	strcpy(text, row->text);
	utf8_tame(text, true);
	ck_assert_str_eq(text, row->tame ? row->tame : row->text);
	ck_assert(utf8_is_tame(text, true) && utf8_valid(text));
}

TEST(nothing_is_null)
{
	ck_assert(json_is_null(utf8_json(NULL)));
}

CHECK_MAIN("utf8")
