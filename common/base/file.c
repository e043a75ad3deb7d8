#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "common/base/memory.h"

#define FIRST_ROOM 65536

struct reading {
	int fd;
	const char *name;
	size_t most;
	unsigned patience_s;  /* 0 = no limit */
	uint64_t deadline_ns; /* of patience_s */
	char *bytes;
	size_t len, room; /* of bytes, one more for the NUL apart */
	struct err *err;
};

static int cannot(const char *name, int no, struct err *err)
{
	return err_fill(err, -no, EXIT_USAGE, "cannot read %s: %s", name, strerror(no));
}

int file_open(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -1)
		return cannot(path, errno, err);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return err_fill(err, -EISDIR, EXIT_USAGE, "%s is a directory, not a file",
				path);
	}
	return fd;
}

/* Waits until there is something to read.  Without that, a FIFO that no process has opened
 * yet would be at its end. */
static int wait_for_bytes(const struct reading *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	uint64_t now = clock_ns();
	int ms = -1, n;

	if (r->patience_s)
		ms = now < r->deadline_ns ? (int)((r->deadline_ns - now) / NS_PER_MS) + 1
					  : 0;
	n = poll(&p, 1, ms);
	if (n == -1 && errno != EINTR)
		return cannot(r->name, errno, r->err);
	if (n != 0)
		return 0;
	return err_fill(r->err, -ETIMEDOUT, EXIT_USAGE,
			"cannot read %s: its end has not come after %u seconds", r->name,
			r->patience_s);
}

static int too_long(const struct reading *r)
{
	bool mib = r->most % (1 << 20) == 0;

	return err_fill(r->err, -EFBIG, EXIT_USAGE,
			"%s is too long: at most %zu %s are read", r->name,
			r->most >> (mib ? 20 : 10), mib ? "MiB" : "KiB");
}

static int make_room(struct reading *r)
{
	size_t room = r->room ? 2 * r->room : FIRST_ROOM;
	char *bytes;

	if (r->len < r->room)
		return 0;
	if (room > r->most + 1)
		room = r->most + 1; /* one more shows that it is too long */
	bytes = realloc(r->bytes, room + 1);
	if (!bytes)
		return err_memory(r->err);
	r->bytes = bytes;
	r->room = room;
	return 0;
}

/* 1: there may be more. */
static int read_some(struct reading *r)
{
	int code = make_room(r);
	ssize_t n;

	code = code ? code : wait_for_bytes(r);
	if (code < 0)
		return code;
	n = read(r->fd, r->bytes + r->len, r->room - r->len);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n == -1)
		return cannot(r->name, errno, r->err);
	r->len += (size_t)n;
	if (r->len > r->most)
		return too_long(r);
	return n > 0;
}

int file_read(int fd, const char *name, size_t most, unsigned patience_s, char **out,
	      size_t *len, struct err *err)
{
	struct reading r = { .fd = fd,
			     .name = name,
			     .most = most,
			     .patience_s = patience_s,
			     .deadline_ns = clock_ns() + patience_s * NS_PER_S,
			     .err = err };
	int code;

	do
		code = read_some(&r);
	while (code > 0);
	if (code < 0) {
		free(r.bytes);
		return code;
	}
	r.bytes[r.len] = '\0';
	*out = r.bytes;
	*len = r.len;
	return 0;
}

int file_read_path(const char *path, size_t most, char **out, size_t *len,
		   struct err *err)
{
	int fd = file_open(path, err), r;

	if (fd < 0)
		return fd;
	r = file_read(fd, path, most, FILE_PATIENCE_S, out, len, err);
	close(fd);
	return r;
}

/* Not by json_loadfd(), which reads byte by byte. */
json_t *file_json(int fd)
{
	json_t *doc;
	struct stat st;
	void *text;

	if (fstat(fd, &st) == -1 || st.st_size == 0)
		return NULL;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (text == MAP_FAILED)
		return NULL;
	memory_needed(true);
	doc = json_loadb(text, (size_t)st.st_size, 0, NULL);
	memory_needed(false);
	munmap(text, (size_t)st.st_size);
	return doc;
}
