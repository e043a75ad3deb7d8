#include "bench/doctor/source.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "common/base/file.h"
#include "common/base/signals.h"

#define CHUNK 65536

struct lines {
	char line[SOURCE_LINE + 1]; /* one more than fits says that it is too long */
	size_t len;
	bool full; /* a line is in it, and whether it is the last is not known yet */
	bool ended;
	source_line_fn *each;
	void *arg;
};

static int give(struct lines *l, bool last)
{
	int r = l->each(l->line, l->len, l->ended, last, l->arg);

	l->len = 0;
	l->full = l->ended = false;
	return r;
}

static int add(struct lines *l, const char *bytes, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0;) {
		const char *end = memchr(bytes + i, '\n', n - i);
		size_t len = end ? (size_t)(end - bytes) - i : n - i;
		size_t room, take;

		if (l->ended)
			r = give(l, false);
		room = sizeof(l->line) - l->len;
		take = len < room ? len : room;
		memcpy(l->line + l->len, bytes + i, take);
		l->len += take;
		l->full = true;
		l->ended = end != NULL;
		i += len + (end != NULL);
	}
	return r;
}

/* A file that is written to by nobody is not waited for; what a person types is. */
static int wait_for(int fd, bool patient, const char *name, struct err *err)
{
	struct pollfd at[2] = { { .fd = fd, .events = POLLIN },
				{ .fd = signals_fd(), .events = POLLIN } };
	int r = poll(at, 2, patient ? -1 : FILE_PATIENCE_S * 1000);

	if (signals_got)
		return -EINTR;
	if (r == 0)
		return err_fill(err, -ETIMEDOUT, EXIT_USAGE,
				"cannot read %.200s: its end has not come after %d s",
				name, FILE_PATIENCE_S);
	return r < 0 && errno != EINTR ? err_sys(err, "poll") : 0;
}

static int read_all(int fd, bool patient, const char *name, struct lines *l,
		    struct err *err)
{
	static char chunk[CHUNK];
	int r = 0;

	while (r == 0) {
		ssize_t n;

		r = wait_for(fd, patient, name, err);
		if (r < 0)
			break;
		n = read(fd, chunk, sizeof(chunk));
		if (n == 0)
			return l->full ? give(l, true) : 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return err_fill(err, ERR_ERRNO, EXIT_USAGE, "cannot read %.200s",
					name);
		if (n > 0)
			r = add(l, chunk, (size_t)n);
	}
	return r;
}

int source_read(const char *path, source_line_fn *each, void *arg, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : file_open(path, err), r;
	struct lines *l;

	if (fd < 0)
		return fd;
	l = calloc(1, sizeof(*l));
	if (l) {
		l->each = each;
		l->arg = arg;
		r = read_all(fd, is_stdin, is_stdin ? "standard input" : path, l, err);
	} else {
		r = err_memory(err);
	}
	free(l);
	if (!is_stdin)
		close(fd);
	return r;
}
