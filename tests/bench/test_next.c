/* The paragraph after a run: its commands can be pasted, by the name this program goes by. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench/text/next.h"
#include "tests/check_main.h"

static const struct {
	const char *text, *program, *printed;
} texts[] = {
	{ "Plain words.", "twstorm", "Plain words.\n\n" },
	{ "Try: `twstorm lab run x`", "twstorm", "Try:\n\n  twstorm lab run x\n\n" },
	{ "Try: `twstorm lab run x`", "build/twstorm",
	  "Try:\n\n  build/twstorm lab run x\n\n" },
	{ "Try `twstorm a` or\n `twstorm b` then.", "./t",
	  "Try\n\n  ./t a\n\nor\n\n  ./t b\n\nthen.\n\n" },
	{ "`twstorms x` `nft list`", "./t", "  twstorms x\n\n  nft list\n\n" },
	{ "`twstorm`", "./t", "  twstorm\n\n" },
	{ "one ` alone", "./t", "one ` alone\n\n" },
	{ "", "./t", "" },
};

START_TEST(commands_stand_alone)
{
	char *printed = NULL;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	next_print_as(out, texts[_i].text, texts[_i].program);
	fclose(out);
	ck_assert_str_eq(printed, texts[_i].printed);
	free(printed);
}
END_TEST

/* A command is never broken, however long this program's path. */
START_TEST(a_long_path_does_not_break_a_command)
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
END_TEST

static char dir[] = "/tmp/twstorm-next-XXXXXX";

/* dir/ours/twstorm is this program, dir/theirs/twstorm another, dir/none/twstorm no program. */
static void make_dirs(void)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	ck_assert_int_gt(len, 0);
	self[len] = '\0';
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert(mkdir("ours", 0700) == 0 && mkdir("theirs", 0700) == 0 &&
		  mkdir("none", 0700) == 0);
	ck_assert_int_eq(symlink(self, "ours/twstorm"), 0);
	ck_assert_int_eq(symlink("/bin/true", "theirs/twstorm"), 0);
	fclose(fopen("none/twstorm", "w"));
	ck_assert_int_eq(chmod("none/twstorm", 0600), 0);
}

static void remove_dirs(void)
{
	static const char *const names[] = { "ours/twstorm", "theirs/twstorm",
					     "none/twstorm", "ours",
					     "theirs",       "none" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_int_eq(remove(names[i]), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

static const struct {
	const char *argv0, *path, *called;
} calls[] = {
	{ "build/twstorm", NULL, "build/twstorm" },
	{ "build/twstorm", "", "build/twstorm" },
	{ "build/twstorm", "ours", "twstorm" },
	{ "build/twstorm", "/nowhere:ours", "twstorm" },
	{ "build/twstorm", "ours:theirs", "twstorm" },
	{ "build/twstorm", "theirs:ours", "build/twstorm" },
	{ "build/twstorm", "theirs", "build/twstorm" },
	{ "build/twstorm", ":theirs", "build/twstorm" },
	{ "/my dir/twstorm", "theirs", "'/my dir/twstorm'" },
	{ "twstorm", "ours", "twstorm" },
};

START_TEST(called_as_a_shell_finds_it)
{
	char *called;

	if (under_valgrind()) /* the program that runs is valgrind's */
		return;
	make_dirs();
	called = next_program(calls[_i].argv0, calls[_i].path);
	remove_dirs();
	ck_assert_str_eq(called, calls[_i].called);
	free(called);
}
END_TEST

int main(void)
{
	const struct check_test tests[] = {
		{ commands_stand_alone, ROWS(texts) },
		{ a_long_path_does_not_break_a_command, 1 },
		{ called_as_a_shell_finds_it, ROWS(calls) },
		{ 0 },
	};

	return check_main("next", tests);
}
