#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "tests/check_main.h"

#define MOST 200000

static char path[] = "/tmp/twstorm-file.XXXXXX";

static void make_file(size_t len)
{
	int fd = mkstemp(path);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(ftruncate(fd, (off_t)len), 0);
	close(fd);
}

static const struct {
	const char *what;
	size_t len;
	int code;
} lengths[] = {
	{ "nothing", 0, 0 },
	{ "a byte", 1, 0 },
	{ "more than is read at first", 65537, 0 },
	{ "all that fits", MOST, 0 },
	{ "a byte too many", MOST + 1, -EFBIG },
};

TEST_ROWS(reads_what_fits, lengths)
{
	struct err err = { 0 };
	size_t len;
	char *text;

	make_file(row->len);
	ck_assert_msg(file_read_path(path, MOST, &text, &len, &err) == row->code,
		      "%s: %s", row->what, err.text);
	unlink(path);
	if (row->code < 0) {
		ck_assert_int_eq(err.code, row->code);
		ck_assert_int_eq(err.exit, EXIT_USAGE);
		return;
	}
	ck_assert_uint_eq(len, row->len);
	ck_assert_int_eq(text[len], '\0');
	free(text);
}

static const struct {
	const char *path;
	int code;
	const char *says;
} refusals[] = {
	{ "/dev/zero", -EFBIG, "/dev/zero is too long: at most 195 KiB are read" },
	{ "/nonexistent", -ENOENT, "cannot read /nonexistent: No such file" },
	{ "/tmp", -EISDIR, "/tmp is a directory" },
};

TEST_ROWS(refuses_with_one_sentence, refusals)
{
	struct err err = { 0 };
	size_t len;
	char *text;

	ck_assert_int_eq(file_read_path(row->path, MOST, &text, &len, &err), row->code);
	ck_assert_msg(strncmp(err.text, row->says, strlen(row->says)) == 0, "%s",
		      err.text);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
}

/* A FIFO that nobody writes to, or that never ends. */
TEST_TIMES(waits_for_an_end_no_longer_than_it_was_told, 2)
{
	uint64_t began = clock_ns();
	struct err err = { 0 };
	int fd, writer;
	size_t len;
	char *text;

	ck_assert_int_ne(mkstemp(path), -1);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = file_open(path, &err);
	ck_assert_int_ge(fd, 0);
	if (_i) {
		writer = open(path, O_WRONLY);
		ck_assert_int_eq(write(writer, "x", 1), 1);
	}
	ck_assert_int_eq(file_read(fd, "f", MOST, 1, &text, &len, &err), -ETIMEDOUT);
	ck_assert_str_eq(err.text, "cannot read f: its end has not come after 1 seconds");
	ck_assert_uint_ge(clock_ns() - began, NS_PER_S);
	unlink(path);
}

TEST(reads_a_pipe_to_its_end)
{
	int ends[2];
	size_t len;
	char *text;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "text", 4), 4);
	close(ends[1]);
	ck_assert_int_eq(file_read(ends[0], "f", MOST, 0, &text, &len, NULL), 0);
	ck_assert_uint_eq(len, 4);
	ck_assert_str_eq(text, "text");
	free(text);
}

CHECK_MAIN("file")
