#include "common/cli/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/signals.h"

#define PIECE       PIPE_BUF /* a pipe with room takes so much at once */
#define GRACE_MS    2000     /* for a reader, once a signal has come */
#define PATIENCE_MS 1000     /* for a line on stderr */
#define LOOK_MS     50       /* between looks for the reader of a FIFO */

static bool gave_up; /* nobody read within GRACE_MS */

/* Waits until fd takes bytes (or fails for good: then write() says why); -1 and EINTR if the
 * other end does not read and a signal came. */
static int wait_room(int fd)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLOUT },
				{ .fd = signals_fd(), .events = POLLIN } };
	int ready;

	while (!signals_got) {
		ready = poll(fds, 2, -1);
		if (ready == -1 && errno != EINTR)
			return -1;
		if (ready > 0 && fds[0].revents)
			return 0;
	}
	do
		ready = poll(fds, 1, gave_up ? 0 : GRACE_MS);
	while (ready == -1 && errno == EINTR);
	if (ready > 0)
		return 0;
	gave_up = true;
	errno = EINTR;
	return -1;
}

static size_t piece(size_t n)
{
	return n < PIECE ? n : PIECE;
}

int streams_write(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done;

		if (wait_room(fd) == -1)
			return -1;
		done = write(fd, bytes, piece(n));
		if (done == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done == -1)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

static bool is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

int streams_open(const char *path)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * (long)NS_PER_MS };
	uint64_t waited_ms = 0; /* since a signal came */
	int fd;

	for (;;) {
		fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd != -1 || errno != ENXIO)
			return fd;
		if (!is_fifo(path)) {
			errno = ENXIO;
			return -1;
		}
		if (gave_up || waited_ms >= GRACE_MS)
			break;
		nanosleep(&look, NULL);
		waited_ms += signals_got ? LOOK_MS : 0;
	}
	gave_up = true;
	errno = EINTR;
	return -1;
}

/* ---- the two streams */

static ssize_t write_stdout(void *cookie, const char *bytes, size_t n)
{
	(void)cookie;
	return streams_write(STDOUT_FILENO, bytes, n) == 0 ? (ssize_t)n : 0;
}

/* Whether stderr took all of it. */
static bool say(const char *bytes, size_t n, int patience_ms)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

	while (n > 0) {
		int ready = poll(&room, 1, patience_ms);
		ssize_t done;

		if (ready == 0)
			return false;
		if (ready == -1 && errno == EINTR)
			continue;
		done = write(STDERR_FILENO, bytes, piece(n));
		if (done == -1 && errno != EINTR && errno != EAGAIN)
			return true; /* it takes nothing any more: nobody to be told */
		if (done > 0) {
			bytes += done;
			n -= (size_t)done;
		}
	}
	return true;
}

/* Lines are dropped whole, except for the first, of which some may have been written. */
static ssize_t write_stderr(void *cookie, const char *bytes, size_t n)
{
	static bool stuck, dropping;
	size_t all = n;

	(void)cookie;
	if (!dropping)
		stuck = dropping = !say(bytes, n, stuck ? 0 : PATIENCE_MS);
	if (dropping && n > 0)
		dropping = bytes[n - 1] != '\n';
	return (ssize_t)all;
}

static FILE *make(ssize_t (*write)(void *, const char *, size_t))
{
	return fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write });
}

/* Where memory is short the streams stay those of the C library. */
void streams_init(void)
{
	FILE *out = make(write_stdout), *err = make(write_stderr);

	if (out) {
		setvbuf(out, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
		stdout = out;
	}
	if (err) {
		setvbuf(err, NULL, _IONBF, 0);
		stderr = err;
	}
}
