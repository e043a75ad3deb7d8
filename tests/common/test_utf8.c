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

START_TEST(as_json)
{
	json_t *v = utf8_json(texts[_i].text);

	ck_assert_int_eq(utf8_valid(texts[_i].text), !texts[_i].json);
	ck_assert_str_eq(json_string_value(v),
			 texts[_i].json ? texts[_i].json : texts[_i].text);
	json_decref(v);
}
END_TEST

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

START_TEST(a_tab_where_it_may_not_be)
{
	char text[] = "a\tb";

	ck_assert(!utf8_is_tame(text, false));
	utf8_tame(text, false);
	ck_assert_str_eq(text, "a?b");
}
END_TEST

START_TEST(no_terminal_obeys)
{
	char text[40];

	strcpy(text, lines[_i].text);
	utf8_tame(text, true);
	ck_assert_str_eq(text, lines[_i].tame ? lines[_i].tame : lines[_i].text);
	ck_assert(utf8_is_tame(text, true) && utf8_valid(text));
}
END_TEST

START_TEST(nothing_is_null)
{
	ck_assert(json_is_null(utf8_json(NULL)));
}
END_TEST

int main(void)
{
	const struct check_test tests[] = {
		{ as_json, ROWS(texts) },
		{ no_terminal_obeys, ROWS(lines) },
		{ a_tab_where_it_may_not_be, 1 },
		{ nothing_is_null, 1 },
		{ 0 },
	};

	return check_main("utf8", tests);
}
