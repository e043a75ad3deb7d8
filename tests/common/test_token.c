/* The shared secret: which files hold one, and comparing it. */
#include "common/base/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *what, *content, *token; /* NULL = refused */
} files[] = {
	{ "8 characters", "12345678\n", "12345678" },
	{ "no newline", "secret-token", "secret-token" },
	{ "CRLF", "secret-token\r\n", "secret-token" },
	{ "more lines", "secret-token\nanother\n", "secret-token" },
	{ "signs", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~\n", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~" },
	{ "nothing", "", NULL },
	{ "an empty line", "\nsecret-token\n", NULL },
	{ "7 characters", "1234567\n", NULL },
	{ "a blank", "secret token\n", NULL },
	{ "a blank in front", " secret-token\n", NULL },
	{ "a blank at the end", "secret-token \n", NULL },
	{ "a tab", "secret\ttoken\n", NULL },
	{ "not ASCII", "secret-t\xc3\xb6ken\n", NULL },
	{ "a control character", "secret\001token\n", NULL },
};
/* clang-format on */

static int read_file(const char *content, size_t n, char out[TOKEN_MAX], struct err *err)
{
	char path[] = "/tmp/twstorm-token.XXXXXX";
	int fd = mkstemp(path), r;

	ck_assert_int_eq(write(fd, content, n), (ssize_t)n);
	close(fd);
	r = token_read(path, out, err);
	unlink(path);
	return r;
}

/* clang-format off */
static const struct {
	mode_t mode;
	const char *why; /* NULL = it is taken */
} modes[] = {
	{ 0600, NULL },
	{ 0400, NULL },
	{ 0640, NULL },
	{ 0644, "read" },
	{ 0604, "read" },
	{ 0666, "written" },
	{ 0620, "written" },
	{ 0602, "written" },
	{ 0660, "written" },
};
/* clang-format on */

TEST_ROWS(a_file_that_is_open_to_others_is_refused, modes)
{
	char path[] = "/tmp/twstorm-token.XXXXXX", token[TOKEN_MAX];
	struct err err = { 0 };
	int fd = mkstemp(path), r;

	ck_assert_int_eq(write(fd, "secret-token\n", 13), 13);
	ck_assert_int_eq(fchmod(fd, row->mode), 0);
	close(fd);
	r = token_read(path, token, &err);
	unlink(path);
	ck_assert_msg((r == 0) == (row->why == NULL), "mode %o", row->mode);
	if (!row->why)
		return;
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strstr(err.text, row->why) && strstr(err.text, path), "%s",
		      err.text);
}

TEST_ROWS(reads_the_first_line, files)
{
	char token[TOKEN_MAX] = "untouched";
	struct err err = { 0 };
	int r = read_file(row->content, strlen(row->content), token, &err);

	ck_assert_msg((r == 0) == (row->token != NULL), "%s", row->what);
	ck_assert_str_eq(token, row->token ? row->token : "untouched");
	if (r < 0)
		ck_assert_int_eq(err.exit, EXIT_USAGE);
}

static const struct {
	const char *what;
	size_t length;
	bool newline, ok;
} lengths[] = {
	{ "255", 255, true, true },
	{ "255, no newline", 255, false, true },
	{ "254", 254, true, true },
	{ "256", 256, true, false },
	{ "256, no newline", 256, false, false },
	{ "5000", 5000, true, false },
};

/* A token that is cut short is another token: nobody could log in, or too many. */
TEST_ROWS(a_long_line_is_refused_and_not_cut, lengths)
{
	char content[6000], token[TOKEN_MAX] = "";
	struct err err = { 0 };
	size_t n = row->length;
	int r;

	memset(content, 'x', sizeof(content));
	content[n] = '\n';
	r = read_file(content, n + row->newline, token, &err);
	ck_assert_msg((r == 0) == row->ok, "%s", row->what);
	ck_assert_uint_eq(strlen(token), row->ok ? n : 0);
}

TEST_TIMES(no_file_is_a_usage_error, 3)
{
	const char *const paths[] = { "/nonexistent/token", "/tmp", "" };
	char token[TOKEN_MAX];
	struct err err = { 0 };

	ck_assert_int_lt(token_read(paths[_i], token, &err), 0);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
}

static const struct {
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "", "", true },
	{ "12345678", "12345678", true },
	{ "12345678", "12345679", false },
	{ "12345678", "02345678", false },
	{ "12345678", "1234567", false },
	{ "12345678", "123456789", false },
	{ "12345678", "", false },
	{ "", "12345678", false },
	{ "abab", "ab", false },
	{ "abababab", "ababababab", false },
	{ "\x80", "\x00", false },
};

TEST_ROWS(only_the_same_is_equal, pairs)
{
	ck_assert_int_eq(token_equal(row->a, row->b), row->same);
}

TEST(every_place_counts)
{
	char a[TOKEN_MAX], b[TOKEN_MAX];

	memset(a, 'x', sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	memcpy(b, a, sizeof(b));
	ck_assert(token_equal(a, b));
	for (size_t i = 0; i < sizeof(b) - 1; i++) {
		b[i] = 'y';
		if (token_equal(a, b) || token_equal(b, a))
			ck_abort_msg("place %zu", i);
		b[i] = 'x';
	}
}

/* What a stranger sends may be longer than any token. */
TEST(a_longer_one_is_never_equal)
{
	char a[TOKEN_MAX], b[3 * TOKEN_MAX];

	memset(a, 'x', sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	for (size_t n = TOKEN_MAX; n < sizeof(b); n++) {
		memset(b, 'x', n);
		b[n] = '\0';
		if (token_equal(a, b) || token_equal(b, a))
			ck_abort_msg("%zu", n);
	}
}

CHECK_MAIN("token")
