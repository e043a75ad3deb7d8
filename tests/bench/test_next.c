/* The paragraph after a run: its commands can be pasted, by the name this program goes by. */
#include <stdlib.h>
#include <string.h>
#include "bench/text/next.h"
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *text, *program, *printed;
} texts[] = {
	{ "Plain words.", "twstorm", "Plain words.\n\n" },
	{ "Try: `twstorm lab run x`", "twstorm", "Try:\n\n  twstorm lab run x\n\n" },
	{ "Try: `twstorm lab run x`", "build/twstorm", "Try:\n\n  build/twstorm lab run x\n\n" },
	{ "Try `twstorm a` or\n `twstorm b` then.", "./t", "Try\n\n  ./t a\n\nor\n\n  ./t b\n\nthen.\n\n" },
	{ "`twstorms x` `nft list`", "./t", "  twstorms x\n\n  nft list\n\n" },
	{ "`twstorm`", "./t", "  twstorm\n\n" },
	{ "one ` alone", "./t", "one ` alone\n\n" },
	{ "", "./t", "" },
};
/* clang-format on */

TEST_ROWS(commands_stand_alone, texts)
{
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	next_print_as(out, row->text, row->program);
	fclose(out);
	ck_assert_str_eq(printed, row->printed);
	free(printed);
}

/* A command is never broken, however long this program's path. */
TEST(a_long_path_does_not_break_a_command)
{
	char program[200], *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	memset(program, 'x', sizeof(program) - 1);
	program[sizeof(program) - 1] = '\0';
	next_print_as(out, "See `twstorm lab run x`", program);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(printed, "xxx lab run x\n"));
	free(printed);
}

CHECK_MAIN("next")
