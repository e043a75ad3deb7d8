#include "common/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/json_lines.h"
#include "common/base/memory.h"
#include "common/cli/streams.h"

/* Of what may have no reader. */
static int cannot_write(const char *what, struct err *err)
{
	if (errno == EINTR)
		return err_write(err, "nobody reads %s", what);
	return err_write(err, "cannot write to %s", what);
}

static int write_stdout(const char *bytes, size_t n, struct err *err)
{
	if (fflush(stdout) == EOF || streams_write(STDOUT_FILENO, bytes, n) == -1)
		return cannot_write("standard output", err);
	return 0;
}

/* ---- where a path leads */

struct target {
	char path[PATH_MAX]; /* of the file itself: not a link */
	int fd;              /* owned: O_PATH of what is there; -1 = nothing */
	struct stat st;      /* of fd */
};

static void release(struct target *t)
{
	if (t->fd != -1)
		close(t->fd);
	t->fd = -1;
}

/* The name of what fd has open, and of nothing that has taken its place since. */
static void name_open(const struct target *t, char link[40])
{
	snprintf(link, 40, "/proc/self/fd/%d", t->fd);
}

static int cannot(const char *path, int error, struct err *err)
{
	errno = error;
	return err_write(err, "cannot write %s", path);
}

/* Whether the link `path`, which is in the directory `dir`, may be a trap that another user
 * has set: the rule of the sysctl fs.protected_symlinks, which may be off, and which checks
 * the last link only. */
static bool is_foreign(const char *path, const char *dir)
{
	struct stat link, in;

	if (lstat(path, &link) == -1 || !S_ISLNK(link.st_mode) || stat(dir, &in) == -1)
		return false;
	return (in.st_mode & S_ISVTX) && (in.st_mode & S_IWOTH) &&
	       link.st_uid != geteuid() && link.st_uid != in.st_uid;
}

/* Looks at each name of the path, as far as it was typed. */
static int check_links(const char *path, struct err *err)
{
	char whole[PATH_MAX], dir[PATH_MAX];
	size_t len = strlen(path), slash = 0; /* behind the last that was seen */

	if (len >= sizeof(whole))
		return cannot(path, ENAMETOOLONG, err);
	for (size_t i = 1; i <= len; i++) {
		if ((path[i] && path[i] != '/') || path[i - 1] == '/')
			continue;
		while (slash < i && path[slash] == '/')
			slash++;
		snprintf(whole, sizeof(whole), "%.*s", (int)i, path);
		snprintf(dir, sizeof(dir), "%.*s", slash ? (int)slash : 1,
			 slash ? path : ".");
		if (is_foreign(whole, dir)) {
			errno = EACCES;
			return err_write(err,
					 "cannot write %s: %s is another user's link in "
					 "a directory for all",
					 path, whole);
		}
		slash = i;
	}
	return 0;
}

/* What O_PATH has opened, by its own name. */
static int find_real(struct target *t)
{
	char link[40];
	struct stat st;
	ssize_t len;

	name_open(t, link);
	len = readlink(link, t->path, sizeof(t->path) - 1);
	if (len == -1)
		return -1;
	t->path[len] = '\0';
	if (lstat(t->path, &st) == -1)
		return -1;
	if (st.st_dev != t->st.st_dev || st.st_ino != t->st.st_ino) {
		errno = ESTALE; /* replaced this moment */
		return -1;
	}
	return 0;
}

/* A link stays a link to the new file; one that leads nowhere is replaced by the file.  The
 * kernel follows it, so its rules count.  Success: release() it. */
static int find_target(const char *path, struct target *t, struct err *err)
{
	int r = check_links(path, err);

	t->fd = -1;
	if (r < 0)
		return r;
	snprintf(t->path, sizeof(t->path), "%s", path);
	t->fd = open(path, O_PATH | O_CLOEXEC);
	if (t->fd == -1)
		return errno == ENOENT ? 0 : cannot(path, errno, err);
	if (fstat(t->fd, &t->st) == -1 || (S_ISREG(t->st.st_mode) && find_real(t) == -1))
		r = cannot(path, errno, err);
	else if (S_ISDIR(t->st.st_mode))
		r = cannot(path, EISDIR, err);
	if (r < 0)
		release(t);
	return r;
}

static bool is_special(const struct target *t)
{
	return t->fd != -1 && !S_ISREG(t->st.st_mode);
}

static int write_in_place(const struct target *t, const char *bytes, size_t n,
			  struct err *err)
{
	const char *path = t->path;
	char link[40];
	int fd, r = 0;

	name_open(t, link);
	fd = streams_open(link);
	if (fd == -1)
		return errno == EINTR ? cannot_write(path, err)
				      : err_write(err, "cannot open %s", path);
	if (streams_write(fd, bytes, n) == -1)
		r = cannot_write(path, err);
	if (close(fd) == -1 && r == 0)
		r = cannot_write(path, err);
	return r;
}

/* ---- files that appear whole or not at all */

static int make_temp(const char *path, char temp[PATH_MAX], struct err *err)
{
	int fd;

	if (snprintf(temp, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX)
		return cannot(path, ENAMETOOLONG, err);
	fd = mkostemp(temp, O_CLOEXEC); /* O_EXCL, 0600 */
	return fd == -1 ? cannot(path, errno, err) : fd;
}

static mode_t new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* The new file gets the old file's owner and group, where this process may set them.  Where
 * the group cannot be kept, the group gets no more rights than "others". */
static void set_access(int fd, const struct target *t)
{
	mode_t mode = t->fd != -1 ? t->st.st_mode & 0777 : new_mode();

	if (t->fd != -1 && fchown(fd, t->st.st_uid, t->st.st_gid) == -1 &&
	    fchown(fd, (uid_t)-1, t->st.st_gid) == -1)
		mode &= 0707 | (mode & 07) << 3;
	fchmod(fd, mode);
}

/* The name is on the disk then, too; where it cannot be, the file is there all the same. */
static void sync_directory(const char *path)
{
	char dir[PATH_MAX];
	int fd;

	snprintf(dir, sizeof(dir), "%s", path);
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return;
	fsync(fd);
	close(fd);
}

static int replace(const struct target *t, const char *bytes, size_t n, struct err *err)
{
	char temp[PATH_MAX];
	int fd = make_temp(t->path, temp, err), r = 0;

	if (fd < 0)
		return fd;
	set_access(fd, t);
	if (streams_write(fd, bytes, n) == -1 || fsync(fd) == -1)
		r = cannot(t->path, errno, err);
	if (close(fd) == -1 && r == 0)
		r = cannot(t->path, errno, err);
	if (r == 0 && rename(temp, t->path) == -1)
		r = cannot(t->path, errno, err);
	if (r < 0)
		unlink(temp);
	else
		sync_directory(t->path);
	return r;
}

/* A signal that ends the process comes when no temporary file is left to be removed. */
static int replace_undisturbed(const struct target *t, const char *bytes, size_t n,
			       struct err *err)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = replace(t, bytes, n, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int output_bytes(const char *path, const char *bytes, size_t n, struct err *err)
{
	struct target t;
	int r;

	if (strcmp(path, "-") == 0)
		return write_stdout(bytes, n, err);
	r = find_target(path, &t, err);
	if (r < 0)
		return r;
	if (is_special(&t))
		r = write_in_place(&t, bytes, n, err);
	else
		r = replace_undisturbed(&t, bytes, n, err);
	release(&t);
	return r;
}

int output_json(const char *path, const json_t *doc, struct err *err)
{
	char *text = json_lines(doc);
	int r = memory_check(err);
	size_t len;

	if (r == 0 && !text)
		r = err_run(err, "the result could not be turned into JSON");
	if (r < 0) {
		free(text);
		return r;
	}
	len = strlen(text);
	text[len] = '\n'; /* in place of the final NUL */
	r = output_bytes(path, text, len + 1, err);
	free(text);
	return r;
}

/* Making a file there is the only sure way to know. */
static int try_temp(const char *path, struct err *err)
{
	char temp[PATH_MAX];
	sigset_t all, before;
	int fd;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	fd = make_temp(path, temp, err);
	if (fd >= 0) {
		unlink(temp);
		close(fd);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return fd < 0 ? fd : 0;
}

int output_check(const char *path, struct err *err)
{
	struct target t;
	int r;

	if (!path || strcmp(path, "-") == 0)
		return 0;
	r = find_target(path, &t, err);
	if (r == 0 && !is_special(&t))
		r = try_temp(t.path, err);
	release(&t);
	return r;
}

int output_dirs(const char *path, struct err *err)
{
	char *copy = strdup(path);
	int r = 0;

	if (!copy)
		return err_memory(err);
	for (char *c = copy + 1; r == 0; c++) {
		char was = *c;

		if (was && was != '/')
			continue;
		*c = '\0';
		if (mkdir(copy, 0777) == -1 && errno != EEXIST)
			r = err_write(err, "make the directory %s", copy);
		*c = was;
		if (!was)
			break;
	}
	free(copy);
	return r;
}

int output_flush_stdout(struct err *err)
{
	int r = memory_check(err);

	if (r < 0)
		return r;
	if (fflush(stdout) == EOF || ferror(stdout))
		return cannot_write("standard output", err);
	return 0;
}
