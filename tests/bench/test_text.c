/* Words and lines: a command line printed is the one that a shell would run. */
#include <stdlib.h>
#include <string.h>
#include "bench/text/text.h"
#include "tests/check_main.h"

static const struct {
	const char *word, *quoted;
} quotes[] = {
	{ "--rate", "--rate" },
	{ "198.18.0.11:9000-9003", "198.18.0.11:9000-9003" },
	{ "", "''" },
	{ "a b", "'a b'" },
	{ "a == b", "'a == b'" },
	{ "it's", "'it'\\''s'" },
	{ "$HOME", "'$HOME'" },
	{ "~", "'~'" },
	{ "{a}", "'{a}'" },
};

TEST_ROWS(quotes_for_a_shell, quotes)
{
	char *quoted = text_quote(row->word);

	ck_assert_str_eq(quoted, row->quoted);
	free(quoted);
}

static char *printed(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	print(out);
	fclose(out);
	return text;
}

static void print_command(FILE *out)
{
	char *argv[] = { (char *)"twstorm",
			 (char *)"client",
			 (char *)"--target",
			 (char *)"198.18.0.11:9000",
			 (char *)"--expect",
			 (char *)"states.client.peak.TIME_WAIT == ports.budget",
			 NULL };

	text_command(out, "  client$ ", argv);
}

TEST(breaks_a_command_between_options)
{
	char *text = printed(print_command);

	ck_assert_str_eq(
		text, "  client$ twstorm client --target 198.18.0.11:9000 \\\n"
		      "      --expect 'states.client.peak.TIME_WAIT == ports.budget'\n");
	free(text);
}

static void print_sentence(FILE *out)
{
	for (int i = 0; i < 3; i++)
		text_wrap(out, 2,
			  "one two three four five six seven eight nine ten eleven "
			  "twelve thirteen "
			  "fourteen fifteen sixteen seventeen");
}

TEST(wraps_below_80_columns)
{
	char *text = printed(print_sentence);

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		ck_assert_uint_lt(strlen(line), 80);
		ck_assert_int_eq(strncmp(line, "  ", 2), 0);
	}
	free(text);
}

CHECK_MAIN("text")
