/* sock - the sockets of a probe: both ends are ours, non-blocking, and every wait has
 * a deadline. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/kernel/sock.h"

void probe_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void probe_need(struct probe_run *run, int no, const char *what)
{
	errno = no;
	if (no)
		run->r = err_sys(&run->err, "%s", what);
}

int probe_socket(struct probe_run *run, bool reuseaddr)
{
	int fd = -1;
	const int on = reuseaddr;

	if (run->r == 0)
		fd = socket(run->address.sa.sa_family,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (run->r == 0 && fd == -1)
		run->r = err_sys(&run->err, "socket");
	if (run->r == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		run->r = err_sys(&run->err, "setsockopt SO_REUSEADDR");
	return fd;
}

void probe_listen(struct probe_run *run, bool reuseaddr)
{
	struct addr *at = &run->server;
	char text[ADDR_TEXT];

	run->listener = probe_socket(run, reuseaddr);
	if (run->r < 0)
		return;
	if (bind(run->listener, &at->sa, at->len) == -1 ||
	    listen(run->listener, SOMAXCONN) == -1)
		run->r = err_sys(&run->err, "cannot listen on %s",
				 addr_print(at, text, sizeof(text)));
	else
		run->r = sock_local(run->listener, at, &run->err);
}

/* Waits until there is something to read; if nothing comes the run fails, with a
 * sentence. */
static void wait_readable(struct probe_run *run, int fd, const char *failure)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (probe_poll(run, &p, 1, clock_ns() + PROBE_PATIENCE) == 0 && run->r == 0)
		probe_need(run, ETIMEDOUT, failure);
}

/* ---- pairs */

struct probe_pair probe_pair(const struct probe_run *run, bool reuseaddr)
{
	return (struct probe_pair){
		.client = -1, .server = -1, .reuseaddr = reuseaddr, .from = run->address
	};
}

void probe_pair_close(struct probe_pair *p)
{
	probe_close(&p->client);
	probe_close(&p->server);
}

/* Waits until it is connected: 0, the errno of connect(), or ETIMEDOUT. */
static int connect_to(struct probe_run *run, int fd, const struct addr *to,
		      uint64_t timeout_ns)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int no = 0;

	if (connect(fd, &to->sa, to->len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (probe_poll(run, &p, 1, clock_ns() + timeout_ns) == 0)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &no, &len) == -1)
		run->r = err_sys(&run->err, "getsockopt SO_ERROR");
	return no;
}

static int connect_from(struct probe_run *run, struct probe_pair *p, uint64_t timeout_ns)
{
	uint64_t begin;
	int no;

	if (bind(p->client, &p->from.sa, p->from.len) == -1)
		return errno;
	run->r = sock_local(p->client, &p->from, &run->err);
	if (run->r < 0)
		return 0;
	begin = clock_ns();
	no = connect_to(run, p->client, &run->server, timeout_ns);
	p->connect_ns = clock_ns() - begin;
	return no;
}

static void accept_it(struct probe_run *run, struct probe_pair *p)
{
	wait_readable(run, run->listener, "no connection came to accept");
	if (run->r < 0)
		return;
	p->server = accept4(run->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (p->server == -1)
		run->r = err_sys(&run->err, "accept");
}

int probe_pair_open(struct probe_run *run, struct probe_pair *p, uint64_t timeout_ns)
{
	int no = 0;

	p->client = probe_socket(run, p->reuseaddr);
	if (run->r == 0)
		no = connect_from(run, p, timeout_ns);
	if (no == 0)
		accept_it(run, p);
	if (no || run->r < 0)
		probe_pair_close(p);
	return run->r < 0 ? 0 : no;
}

void probe_pair_need(struct probe_run *run, struct probe_pair *p, const char *what)
{
	probe_need(run, probe_pair_open(run, p, PROBE_PATIENCE), what);
}

/* ---- talking */

void probe_send(struct probe_run *run, int fd, const char *bytes, size_t n)
{
	ssize_t done = run->r ? 0 : send(fd, bytes, n, MSG_NOSIGNAL);

	if (done == -1)
		run->r = err_sys(&run->err, "send");
	else if (run->r == 0 && (size_t)done != n)
		run->r = err_run(&run->err, "the kernel took only a part");
}

size_t probe_read(struct probe_run *run, int fd, char *buf, size_t want,
		  uint64_t timeout_ns)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t deadline = clock_ns() + timeout_ns;
	size_t have = 0;

	while (have < want && probe_poll(run, &p, 1, deadline) > 0) {
		ssize_t n = recv(fd, buf + have, want - have, 0);

		if (n == 0)
			break;
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			run->r = err_sys(&run->err, "recv");
		have += n > 0 ? (size_t)n : 0;
	}
	return have;
}

void probe_exchange(struct probe_run *run, const struct probe_pair *p)
{
	char byte = 'x';

	probe_send(run, p->client, &byte, 1);
	if (probe_read(run, p->server, &byte, 1, PROBE_PATIENCE) == 0 && run->r == 0)
		run->r = err_run(&run->err, "a byte sent did not arrive");
}

void probe_wait_eof(struct probe_run *run, int fd)
{
	char byte;
	ssize_t n = 0;

	wait_readable(run, fd, "no FIN came");
	if (run->r == 0)
		n = recv(fd, &byte, 1, 0);
	if (n == -1)
		run->r = err_sys(&run->err, "waiting for the FIN");
	if (n > 0)
		run->r = err_run(&run->err, "data came where a FIN was due");
}

/* ---- what the kernel holds */

void probe_diag(struct probe_run *run, const struct sock_diag_query *q,
		int (*row)(const struct sock_diag_row *row, void *arg), void *arg)
{
	struct sock_diag *diag;

	if (run->r == 0)
		run->r = sock_diag_open(&diag, &run->err);
	if (run->r < 0)
		return;
	run->r = sock_diag_dump(diag, q, row, arg, &run->err);
	sock_diag_close(diag);
}

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

static void count_between(struct probe_run *run, struct count *c)
{
	const struct sock_diag_query q = {
		.states = SOCK_DIAG_ALL_STATES & ~(1u << STATE_LISTEN),
		.local = { { c->port, c->port } },
		.remote = { { c->port, c->port } },
		.n_local = 1,
		.n_remote = 1,
	};

	c->time_wait = c->moving = 0;
	probe_diag(run, &q, count_row, c);
}

uint64_t probe_wait_settled(struct probe_run *run, uint16_t port, uint16_t peer)
{
	struct count c = { .port = port, .peer = peer };
	uint64_t deadline = clock_ns() + PROBE_PATIENCE;

	do
		count_between(run, &c);
	while (c.moving && probe_pause(run, deadline));
	if (c.moving && run->r == 0) {
		errno = ETIMEDOUT;
		run->r = err_sys(&run->err, "%llu sockets of port %u are still closing",
				 (unsigned long long)c.moving, port);
	}
	return c.time_wait;
}
