/* sock - the sockets of a probe: both ends are ours, non-blocking, and every wait has
 * a deadline. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "bench/probe/probe_kit.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"
#include "common/kernel/sock.h"
#include "common/kernel/sock_diag.h"

#define PATIENCE (5 * NS_PER_S) /* for what takes the kernel some milliseconds */

void probe_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int probe_socket(const struct addr *at, bool reuseaddr, struct err *err)
{
	int fd = socket(at->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = reuseaddr;

	if (fd == -1)
		return err_sys(err, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1) {
		int r = err_sys(err, "setsockopt SO_REUSEADDR");

		close(fd);
		return r;
	}
	return fd;
}

int probe_listen(struct addr *at, bool reuseaddr, struct err *err)
{
	int fd = probe_socket(at, reuseaddr, err), r;
	char text[ADDR_TEXT];

	if (fd < 0)
		return fd;
	if (bind(fd, &at->sa, at->len) == -1 || listen(fd, SOMAXCONN) == -1)
		r = err_sys(err, "cannot listen on %s",
			    addr_print(at, text, sizeof(text)));
	else
		r = sock_local(fd, at, err);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int probe_connect(struct probe_run *run, int fd, const struct addr *to,
		  uint64_t deadline_ns, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int no = 0, r;

	if (connect(fd, &to->sa, to->len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	r = probe_poll(run, &p, 1, deadline_ns, err);
	if (r < 0)
		return r;
	if (r == 0)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &no, &len) == -1)
		return err_sys(err, "getsockopt SO_ERROR");
	return no;
}

/* Until there is something to read; -ETIMEDOUT with a sentence about `what`. */
static int wait_readable(struct probe_run *run, int fd, uint64_t deadline_ns,
			 const char *what, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int r = probe_poll(run, &p, 1, deadline_ns, err);

	if (r != 0)
		return r < 0 ? r : 0;
	errno = ETIMEDOUT;
	return err_sys(err, "%s", what);
}

int probe_accept(struct probe_run *run, int listener, uint64_t deadline_ns,
		 struct err *err)
{
	int r = wait_readable(run, listener, deadline_ns, "no connection came to accept",
			      err);
	int fd;

	if (r < 0)
		return r;
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return fd == -1 ? err_sys(err, "accept") : fd;
}

void probe_pair_close(struct probe_pair *pair)
{
	probe_close(&pair->client);
	probe_close(&pair->server);
}

/* 0, a positive errno, or -errno. */
static int connect_from(struct probe_run *run, const struct addr *to, struct addr *from,
			uint64_t deadline_ns, struct probe_pair *p, struct err *err)
{
	uint64_t begin;
	int r;

	if (bind(p->client, &from->sa, from->len) == -1)
		return errno;
	r = sock_local(p->client, from, err);
	if (r < 0)
		return r;
	begin = clock_ns();
	r = probe_connect(run, p->client, to, deadline_ns, err);
	p->connect_ns = clock_ns() - begin;
	return r;
}

int probe_pair_open(struct probe_run *run, int listener, const struct addr *to,
		    struct addr *from, bool reuseaddr, uint64_t deadline_ns,
		    struct probe_pair *out, struct err *err)
{
	int r;

	*out = PROBE_NO_PAIR;
	r = out->client = probe_socket(to, reuseaddr, err);
	if (r >= 0)
		r = connect_from(run, to, from, deadline_ns, out, err);
	if (r == 0)
		r = out->server = probe_accept(run, listener, clock_ns() + PATIENCE, err);
	if (r >= 0 && out->server >= 0)
		return 0;
	probe_pair_close(out);
	return r;
}

int probe_send(int fd, const char *bytes, size_t n, struct err *err)
{
	ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);

	if (done == -1)
		return err_sys(err, "send");
	return (size_t)done == n ? 0 : err_run(err, "the kernel took only a part");
}

int probe_read(struct probe_run *run, int fd, char *buf, size_t want,
	       uint64_t deadline_ns, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t have = 0;
	int r = 1;

	while (have < want && (r = probe_poll(run, &p, 1, deadline_ns, err)) > 0) {
		ssize_t n = recv(fd, buf + have, want - have, 0);

		if (n == 0)
			break;
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return err_sys(err, "recv");
		have += n > 0 ? (size_t)n : 0;
	}
	return r < 0 ? r : (int)have;
}

int probe_exchange(struct probe_run *run, int from, int to, struct err *err)
{
	char byte = 'x';
	int r = probe_send(from, &byte, 1, err);

	if (r == 0)
		r = probe_read(run, to, &byte, 1, clock_ns() + PATIENCE, err);
	if (r < 0)
		return r;
	return r == 1 ? 0 : err_run(err, "a byte sent did not arrive");
}

int probe_wait_eof(struct probe_run *run, int fd, struct err *err)
{
	int r = wait_readable(run, fd, clock_ns() + PATIENCE, "no FIN came", err);
	char byte;
	ssize_t n;

	if (r < 0)
		return r;
	n = recv(fd, &byte, 1, 0);
	if (n == -1)
		return err_sys(err, "waiting for the FIN");
	return n ? err_run(err, "data came where a FIN was due") : 0;
}

/* ---- what the kernel holds */

/* The connections between a port and a peer's (0 = any). */
struct count {
	uint16_t port, peer;
	uint64_t time_wait; /* on the port's side */
	uint64_t moving;    /* on either side, in another state */
};

static bool is_between(uint16_t a, uint16_t b, const struct count *c)
{
	return a == c->port && (b == c->peer || !c->peer);
}

static int count_row(const struct sock_diag_row *row, void *arg)
{
	struct count *c = arg;
	bool ours = is_between(row->local_port, row->remote_port, c);

	if (row->state == STATE_TIME_WAIT)
		c->time_wait += ours;
	else
		c->moving += ours || is_between(row->remote_port, row->local_port, c);
	return 0;
}

static int count_between(struct count *c, struct err *err)
{
	const struct sock_diag_query q = {
		.states = SOCK_DIAG_ALL_STATES & ~(1u << STATE_LISTEN),
		.local = { { c->port, c->port } },
		.remote = { { c->port, c->port } },
		.n_local = 1,
		.n_remote = 1,
	};
	struct sock_diag *diag;
	int r = sock_diag_open(&diag, err);

	if (r < 0)
		return r;
	c->time_wait = c->moving = 0;
	r = sock_diag_dump(diag, &q, count_row, c, err);
	sock_diag_close(diag);
	return r;
}

int probe_wait_settled(struct probe_run *run, uint16_t port, uint16_t peer,
		       uint64_t *time_wait, struct err *err)
{
	struct count c = { .port = port, .peer = peer };
	uint64_t deadline = clock_ns() + PATIENCE;
	int r;

	do {
		r = count_between(&c, err);
		*time_wait = c.time_wait;
		if (r < 0 || c.moving == 0)
			return r;
		r = probe_sleep(run, NS_PER_MS, err);
	} while (r == 0 && clock_ns() < deadline);
	if (r < 0)
		return r;
	errno = ETIMEDOUT;
	return err_sys(err, "%llu sockets of port %u are still closing",
		       (unsigned long long)c.moving, port);
}
