/* Files that appear whole or not at all. */
#include "common/cli/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/check_main.h"

static char dir[64], path[128];
static struct err err;

/* A directory of the test's own, entered; removed by leave(). */
static void enter(void)
{
	strcpy(dir, "/tmp/twstorm-output.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chmod(dir, 0777), 0);
	snprintf(path, sizeof(path), "%s/result.json", dir);
}

/* How many names there are in the directory. */
static int names(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void leave(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void has(const char *expected)
{
	char got[256] = "";
	FILE *f = fopen(path, "r");
	size_t n;

	ck_assert_ptr_nonnull(f);
	n = fread(got, 1, sizeof(got) - 1, f);
	got[n] = '\0';
	fclose(f);
	ck_assert_str_eq(got, expected);
}

TEST(makes_a_file)
{
	struct stat st;

	umask(027);
	ck_assert_int_eq(output_bytes(path, "hello\n", 6, &err), 0);
	has("hello\n");
	ck_assert_int_eq(names(), 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0640);
}

/* Who has the old file open goes on reading the old file. */
TEST(replaces_at_once)
{
	char got[4] = "";
	int fd;

	ck_assert_int_eq(output_bytes(path, "old", 3, &err), 0);
	fd = open(path, O_RDONLY);
	ck_assert_int_eq(output_bytes(path, "newer", 5, &err), 0);
	ck_assert_int_eq(read(fd, got, 3), 3);
	ck_assert_str_eq(got, "old");
	close(fd);
	has("newer");
	ck_assert_int_eq(names(), 1);
}

TEST(nothing_is_something_too)
{
	ck_assert_int_eq(output_bytes(path, "", 0, &err), 0);
	has("");
}

enum obstacle { MISSING_DIR, NO_DIR, READ_ONLY_DIR, FULL, NAME_TOO_LONG, IS_DIR, LIMIT };
static const struct {
	const char *what;
	enum obstacle obstacle;
	int error;
	bool check_sees_it;
} obstacles[] = {
	{ "missing directory", MISSING_DIR, ENOENT, true },
	{ "a file for a directory", NO_DIR, ENOTDIR, true },
	{ "read-only directory", READ_ONLY_DIR, EACCES, true },
	{ "/dev/full", FULL, ENOSPC, false },
	{ "a name too long", NAME_TOO_LONG, ENAMETOOLONG, true },
	{ "a directory", IS_DIR, EISDIR, true },
	{ "file size limit", LIMIT, EFBIG, false },
};

static void put_in_the_way(enum obstacle obstacle)
{
	const struct rlimit few = { 1024, 1024 };

	switch (obstacle) {
	case MISSING_DIR:
		strcat(path, "/x/y");
		path[strlen(dir)] = '_';
		break;
	case NO_DIR:
		close(open(path, O_CREAT | O_WRONLY, 0600));
		strcat(path, "/x");
		break;
	case READ_ONLY_DIR:
		ck_assert_int_eq(chmod(dir, 0555), 0);
		if (geteuid() == 0)
			ck_assert_int_eq(seteuid(65534), 0); /* root writes anywhere */
		break;
	case FULL:
		strcpy(path, "/dev/full");
		break;
	case NAME_TOO_LONG: /* the path itself */
		break;
	case IS_DIR:
		ck_assert_int_eq(mkdir(path, 0700), 0);
		break;
	case LIMIT:
		signal(SIGXFSZ, SIG_IGN);
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few), 0);
		break;
	}
}

TEST_ROWS(what_fails_leaves_nothing, obstacles)
{
	char bytes[4096] = "x", longer[NAME_MAX + 60];
	const char *to = path;
	int before;

	put_in_the_way(row->obstacle);
	if (row->obstacle == NAME_TOO_LONG) {
		memset(longer, 'x', sizeof(longer));
		memcpy(longer, dir, strlen(dir));
		longer[strlen(dir)] = '/';
		longer[sizeof(longer) - 1] = '\0';
		to = longer;
	}
	before = names();
	ck_assert_msg(output_bytes(to, bytes, sizeof(bytes), &err) == -row->error,
		      "%s: %s", row->what, err.text);
	ck_assert_int_eq(err.exit, EXIT_NOT_WRITTEN);
	ck_assert_msg(strstr(err.text, strerror(row->error)), "%s", err.text);
	ck_assert_int_eq(names(), before);
	err = (struct err){ 0 };
	ck_assert_msg((output_check(to, &err) < 0) == row->check_sees_it, "check: %s",
		      row->what);
	if (row->check_sees_it)
		ck_assert_int_eq(err.exit, EXIT_NOT_WRITTEN);
	ck_assert_int_eq(names(), before);
	if (geteuid() != 0 && getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
}

/* Full after the old result was there: the old one stays as it was. */
TEST(a_failure_keeps_the_old_file)
{
	const struct rlimit few = { 1024, 1024 };
	char bytes[4096] = "x";

	ck_assert_int_eq(output_bytes(path, "old", 3, &err), 0);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few), 0);
	ck_assert_int_lt(output_bytes(path, bytes, sizeof(bytes), &err), 0);
	has("old");
	ck_assert_int_eq(names(), 1);
}

TEST(check_leaves_no_trace)
{
	ck_assert_int_eq(output_check(path, &err), 0);
	ck_assert_int_eq(names(), 0);
	ck_assert_int_eq(output_bytes(path, "old", 3, &err), 0);
	ck_assert_int_eq(output_check(path, &err), 0);
	has("old");
	ck_assert_int_eq(names(), 1);
	ck_assert_int_eq(output_check("-", &err), 0);
	ck_assert_int_eq(output_check(NULL, &err), 0);
	ck_assert_int_eq(output_check("/dev/null", &err), 0);
}

TEST(special_files_are_written_in_place)
{
	struct stat st;
	char got[8] = "";
	int fd;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_eq(output_bytes(path, "hello", 5, &err), 0);
	ck_assert_int_eq(read(fd, got, sizeof(got)), 5);
	ck_assert_str_eq(got, "hello");
	close(fd);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(S_ISFIFO(st.st_mode));
	ck_assert_int_eq(output_bytes("/dev/null", "hello", 5, &err), 0);
	ck_assert_int_eq(stat("/dev/null", &st), 0);
	ck_assert(S_ISCHR(st.st_mode));
}

TEST(a_dash_is_stdout)
{
	fflush(stdout);
	ck_assert_ptr_nonnull(freopen(path, "w", stdout));
	fputs("before ", stdout);
	ck_assert_int_eq(output_bytes("-", "hello", 5, &err), 0);
	fputs(" after", stdout);
	ck_assert_int_eq(output_flush_stdout(&err), 0);
	has("before hello after");
}

TEST_TIMES(a_lost_stdout_is_noticed, 2)
{
	fflush(stdout);
	ck_assert_ptr_nonnull(freopen("/dev/full", "w", stdout));
	if (_i == 0) {
		ck_assert_int_eq(output_bytes("-", "hello", 5, &err), -ENOSPC);
	} else {
		fputs("hello", stdout);
		ck_assert_int_eq(output_flush_stdout(&err), -ENOSPC);
	}
	ck_assert_int_eq(err.exit, EXIT_NOT_WRITTEN);
}

TEST(json_ends_with_a_newline_and_keeps_its_order)
{
	json_t *doc = json_pack("{s:i, s:f, s:n}", "z", 1, "a", 0.1, "m");

	ck_assert_int_eq(output_json(path, doc, &err), 0);
	has("{\n  \"z\": 1,\n  \"a\": 0.1,\n  \"m\": null\n}\n");
	json_decref(doc);
}

/* A link stays a link: what it points to is replaced. */
TEST(a_link_is_followed)
{
	struct stat st;
	char link[128];

	snprintf(link, sizeof(link), "%s/latest", dir);
	ck_assert_int_eq(output_bytes(path, "old", 3, &err), 0);
	ck_assert_int_eq(symlink("result.json", link), 0);
	ck_assert_int_eq(output_bytes(link, "new", 3, &err), 0);
	ck_assert_int_eq(lstat(link, &st), 0);
	ck_assert_msg(S_ISLNK(st.st_mode), "the link has become a file");
	has("new");
}

/* Whoever could not read the old file cannot read the new one. */
TEST_TIMES(a_new_file_is_for_whom_the_old_was, 4)
{
	static const mode_t modes[] = { 0600, 0640, 0444, 0666 };
	struct stat st;

	umask(022);
	ck_assert_int_eq(output_bytes(path, "old", 3, &err), 0);
	ck_assert_int_eq(chmod(path, modes[_i]), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(path, 65534, 12345), 0);
	ck_assert_int_eq(output_bytes(path, "new", 3, &err), 0);
	has("new");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, modes[_i]);
	ck_assert_int_eq(st.st_uid, geteuid() == 0 ? 65534 : geteuid());
	ck_assert(geteuid() != 0 || st.st_gid == 12345);
}

/* A group that cannot be kept: its rights are not another group's. */
TEST(a_lost_group_takes_its_rights_with_it)
{
	struct stat st;

	if (geteuid() != 0)
		return; /* nobody else can make such a file */
	ck_assert_int_eq(output_bytes(path, "old", 3, &err), 0);
	ck_assert_int_eq(chown(path, 0, 12345), 0);
	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_int_eq(setegid(65534), 0);
	ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(output_bytes(path, "new", 3, &err), 0);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(setegid(0), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0644);
}

/* In /tmp, where a stranger has made a link: of the file's name, or of a directory above it. */
static const struct {
	const char *what, *link, *to, *write;
	bool foreign, refused;
} traps[] = {
	{ "a stranger's link to a file", "latest", "result.json", "latest", true, true },
	{ "a stranger's link to nothing", "latest", "new.json", "latest", true, true },
	{ "a stranger's link to a directory", "out", ".", "out/result.json", true, true },
	{ "one's own link", "latest", "result.json", "latest", false, false },
	{ "one's own link to a directory", "out", ".", "out//result.json", false, false },
};

TEST_ROWS(a_strangers_link_is_not_followed, traps)
{
	char name[128];
	int r;

	if (geteuid() != 0)
		return; /* nobody else can be two users */
	ck_assert_int_eq(output_bytes(path, "old", 3, &err), 0);
	ck_assert_int_eq(chmod(dir, 01777), 0);
	ck_assert_int_eq(chown(dir, 12345, -1), 0);
	snprintf(name, sizeof(name), "%s/%s", dir, row->link);
	ck_assert_int_eq(symlink(row->to, name), 0);
	ck_assert_int_eq(lchown(name, row->foreign ? 65534 : 0, -1), 0);
	snprintf(name, sizeof(name), "%s/%s", dir, row->write);
	r = output_check(name, &err);
	ck_assert_msg((r == -EACCES) == row->refused, "check: %s", row->what);
	r = output_bytes(name, "new", 3, &err);
	ck_assert_msg((r == -EACCES) == row->refused, "%s", row->what);
	if (row->refused)
		ck_assert_int_eq(err.exit, EXIT_NOT_WRITTEN);
	has(row->refused ? "old" : "new");
	ck_assert_int_eq(names(), 2);
}

CHECK_MAIN_AROUND("output", enter, leave)
