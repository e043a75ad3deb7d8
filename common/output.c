#include "common/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/streams.h"

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

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

static int write_in_place(const char *path, const char *bytes, size_t n, struct err *err)
{
	int fd = streams_open(path), r = 0;

	if (fd == -1)
		return errno == EINTR ? cannot_write(path, err)
				      : err_write(err, "cannot open %s", path);
	if (streams_write(fd, bytes, n) == -1)
		r = cannot_write(path, err);
	if (close(fd) == -1 && r == 0)
		r = cannot_write(path, err);
	return r;
}

static int make_temp(const char *path, char temp[PATH_MAX], struct err *err)
{
	mode_t mask = umask(0);
	int fd;

	umask(mask);
	if (snprintf(temp, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return err_write(err, "cannot write %s", path);
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd == -1)
		return err_write(err, "cannot write %s", path);
	fchmod(fd, 0666 & ~mask);
	return fd;
}

static int replace(const char *path, const char *bytes, size_t n, struct err *err)
{
	char temp[PATH_MAX], real[PATH_MAX];
	int fd, r = 0;

	if (realpath(path, real))
		path = real; /* a link stays a link to the new file */
	fd = make_temp(path, temp, err);
	if (fd < 0)
		return fd;
	if (write_all(fd, bytes, n) == -1 || fsync(fd) == -1)
		r = err_write(err, "cannot write %s", path);
	if (close(fd) == -1 && r == 0)
		r = err_write(err, "cannot write %s", path);
	if (r == 0 && rename(temp, path) == -1)
		r = err_write(err, "cannot write %s", path);
	if (r < 0)
		unlink(temp);
	return r;
}

static int is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int output_bytes(const char *path, const char *bytes, size_t n, struct err *err)
{
	if (strcmp(path, "-") == 0)
		return write_stdout(bytes, n, err);
	if (is_special(path))
		return write_in_place(path, bytes, n, err);
	return replace(path, bytes, n, err);
}

int output_json(const char *path, const json_t *doc, struct err *err)
{
	char *text = json_dumps(doc, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	size_t len;
	int r;

	if (!text)
		return err_run(err, "the result could not be turned into JSON");
	len = strlen(text);
	text[len] = '\n'; /* in place of the final NUL */
	r = output_bytes(path, text, len + 1, err);
	free(text);
	return r;
}

int output_check(const char *path, struct err *err)
{
	char temp[PATH_MAX];
	int fd;

	if (!path || strcmp(path, "-") == 0 || is_special(path)) {
		struct stat st;

		if (path && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			errno = EISDIR;
			return err_write(err, "cannot write %s", path);
		}
		return 0;
	}
	fd = make_temp(path, temp, err);
	if (fd < 0)
		return fd;
	close(fd);
	unlink(temp);
	return 0;
}

int output_flush_stdout(struct err *err)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		return cannot_write("standard output", err);
	return 0;
}
