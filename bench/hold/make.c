#include "bench/hold/make.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench/hold/filter.h"
#include "common/base/clock.h"

#define BACKLOG    65535 /* cut to net.core.somaxconn */
#define PATIENCE   (5 * NS_PER_S)
#define SHORT_WAIT NS_PER_MS
#define MOST_SYNS  127 /* TCP_SYNCNT's maximum */
#define DEFER_S    (4 * 3600)

/* Some connections being made; -1 where an end is closed or not made yet. */
struct batch {
	unsigned n;
	int ours[HOLD_BATCH], peer[HOLD_BATCH];
};

static void pause_for(struct hold *h, uint64_t ns)
{
	if (!h->err.code)
		h->plan.pause(h->plan.arg, ns, &h->err);
}

/* A moment's wait, unless it is past the deadline. */
static void wait_on(struct hold *h, uint64_t deadline, const char *for_what)
{
	if (!h->err.code && clock_ns() >= deadline) {
		errno = ETIMEDOUT;
		err_sys(&h->err, "%s", for_what);
	}
	pause_for(h, SHORT_WAIT);
}

/* Keeps the sockets open; after a failure, closes them. */
static void keep_made(struct hold *h, struct hold_end *e, int fd)
{
	if (!h->err.code)
		hold_end_keep_fd(e, fd);
	else if (fd != -1)
		close(fd);
}

/* ---- listeners */

static void listen_at(struct hold *h, int fd)
{
	if (!h->err.code && listen(fd, BACKLOG) == -1)
		err_sys(&h->err, "listen");
}

/* A bound socket of ours, -1 = none; *at gets its port. */
static int bound_socket(struct hold *h, struct addr *at)
{
	int fd = -1;

	*at = h->ours.address;
	if (!h->err.code && hold_end_sockets(&h->ours, &fd, 1, &h->err) == 0)
		hold_end_bind(&h->ours, fd, at, &h->err);
	return fd;
}

/* After the peer's ACK a handshake waits for data that never come.  The usual way, to refuse
 * that ACK, has the kernel send the SYN-ACK again, those of some seconds all at once
 * (timer wheel); where that is more than net.core.netdev_max_backlog, it gives up those that
 * could not be sent. */
static void leave_half_open(struct hold *h, int fd)
{
	const int seconds = DEFER_S, tries = MOST_SYNS;

	if (h->err.code)
		return;
	if (setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)) ==
	    -1)
		err_sys(&h->err, "TCP_DEFER_ACCEPT");
	else if (setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &tries, sizeof(tries)) == -1)
		err_sys(&h->err, "TCP_SYNCNT");
	else
		hold_filter_farewells(fd, &h->err);
}

void hold_listeners_open(struct hold *h, struct hold_listeners *d, unsigned n,
			 bool half_open)
{
	if (h->err.code)
		return;
	d->at = calloc(n + 1, sizeof(*d->at));
	d->fd = calloc(n + 1, sizeof(*d->fd));
	if (!d->at || !d->fd)
		err_sys(&h->err, "%u listeners", n);
	while (!h->err.code && d->n < n) {
		int fd = d->fd[d->n] = bound_socket(h, &d->at[d->n]);

		d->n++;
		if (half_open)
			leave_half_open(h, fd);
		listen_at(h, fd);
	}
}

void hold_listeners_close(struct hold_listeners *d)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->fd[i] != -1)
			close(d->fd[i]);
	free(d->fd);
	free(d->at);
	*d = (struct hold_listeners){ 0 };
}

/* ---- connections from the peer */

static void batch_begin(struct batch *b, uint64_t left, unsigned most)
{
	b->n = left < most ? (unsigned)left : most;
	memset(b->ours, 0xff, sizeof(b->ours)); /* -1 */
	memset(b->peer, 0xff, sizeof(b->peer));
}

/* What a failure has left, on either end. */
static void batch_end(struct batch *b)
{
	for (unsigned i = 0; i < b->n; i++) {
		hold_reset(&b->ours[i]);
		hold_reset(&b->peer[i]);
	}
}

static void make_peers(struct hold *h, void *batch)
{
	struct batch *b = batch;

	hold_end_sockets(&h->peer, b->peer, b->n, &h->err);
}

/* Each to the listener whose turn it is; remembers the ports in pair[], if not NULL. */
static void connect_peers(struct hold *h, struct batch *b, struct hold_listeners *d,
			  struct hold_pair *pair)
{
	struct addr from = h->peer.address;

	for (unsigned i = 0; !h->err.code && i < b->n; i++, d->n_used++) {
		const struct addr *to = &d->at[d->n_used / d->per_listener];

		if (hold_end_bind(&h->peer, b->peer[i], &from, &h->err) == 0 &&
		    connect(b->peer[i], &to->sa, to->len) == -1 && errno != EINPROGRESS)
			err_sys(&h->err, "connect from the peer's host");
		if (pair)
			pair[i] = (struct hold_pair){ addr_port(to), addr_port(&from) };
	}
}

/* From whichever listener has one; -1 = none has. */
static int accept_any(struct hold *h, const struct hold_listeners *d)
{
	for (unsigned i = 0; !h->err.code && i < d->n; i++) {
		int fd = accept4(d->fd[i], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd != -1)
			return fd;
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			err_sys(&h->err, "accept");
	}
	return -1;
}

static void accept_all(struct hold *h, struct batch *b)
{
	uint64_t deadline = clock_ns() + PATIENCE;

	for (unsigned i = 0; !h->err.code && i < b->n;) {
		b->ours[i] = accept_any(h, &h->open);
		if (b->ours[i] != -1)
			i++;
		else
			wait_on(h, deadline, "connections from the peer");
	}
}

static unsigned state_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1 ? 0
									: info.tcpi_state;
}

static void wait_state(struct hold *h, const int *fd, unsigned n, unsigned state)
{
	uint64_t deadline = clock_ns() + PATIENCE;

	for (unsigned i = 0; !h->err.code && i < n;) {
		if (state_of(fd[i]) == state)
			i++;
		else
			wait_on(h, deadline, tcp_state_name(state));
	}
}

static void take_step(struct hold *h, struct batch *b, const struct hold_step *s)
{
	int *fd = s->who == HOLD_OURS ? b->ours : b->peer;

	if (!s->act)
		wait_state(h, fd, b->n, s->state);
	for (unsigned i = 0; s->act && !h->err.code && i < b->n; i++)
		s->act(&fd[i], &h->err);
}

/* What is still open stays so. */
static void keep_fds(struct hold_end *e, int *fd, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (fd[i] != -1)
			hold_end_keep_fd(e, fd[i]);
		fd[i] = -1;
	}
}

static void make_batch(struct hold *h, struct batch *b, const struct hold_recipe *rec)
{
	bool renewed = rec->state == STATE_TIME_WAIT && h->pairs;
	struct hold_pair *pair = renewed ? h->pairs + h->n_pairs : NULL;

	hold_at_peer(h, make_peers, b);
	connect_peers(h, b, &h->open, pair);
	accept_all(h, b);
	for (const struct hold_step *s = rec->steps; s->who != HOLD_NOBODY; s++)
		take_step(h, b, s);
	if (h->err.code)
		return;
	keep_fds(&h->ours, b->ours, b->n);
	keep_fds(&h->peer, b->peer, b->n);
	h->n_pairs += renewed ? b->n : 0;
}

void hold_make_accepted(struct hold *h, const struct hold_recipe *rec, uint64_t n)
{
	struct batch b;

	for (uint64_t done = 0; !h->err.code && done < n; done += b.n) {
		batch_begin(&b, n - done, h->batch);
		pause_for(h, 0);
		make_batch(h, &b, rec);
		batch_end(&b);
	}
}

/* The peer may go once its ACK is on the way: its RST is refused. */
void hold_make_half_open(struct hold *h, const struct hold_recipe *rec, uint64_t n)
{
	struct batch b;

	(void)rec;
	for (uint64_t done = 0; !h->err.code && done < n; done += b.n) {
		batch_begin(&b, n - done, HOLD_BATCH);
		pause_for(h, 0);
		hold_at_peer(h, make_peers, &b);
		connect_peers(h, &b, &h->half_open, NULL);
		wait_state(h, b.peer, b.n, STATE_ESTABLISHED);
		batch_end(&b);
	}
}

/* ---- sockets of ours alone */

/* act() is NULL for those that are only bound. */
static void make_alone(struct hold *h, uint64_t n, void (*act)(struct hold *h, int fd))
{
	struct addr at;
	int fd;

	for (uint64_t i = 0; !h->err.code && i < n; i++) {
		if (i % HOLD_BATCH == 0)
			pause_for(h, 0);
		fd = bound_socket(h, &at);
		if (act)
			act(h, fd);
		keep_made(h, &h->ours, fd);
	}
}

/* The peer's listener that answers nothing. */
static void open_silent(struct hold *h)
{
	struct batch b;
	int fd;

	batch_begin(&b, 1, 1);
	hold_at_peer(h, make_peers, &b);
	fd = b.peer[0];
	h->silent = h->peer.address;
	if (!h->err.code && hold_end_bind(&h->peer, fd, &h->silent, &h->err) == 0)
		hold_filter_all(fd, &h->err);
	listen_at(h, fd);
	keep_made(h, &h->peer, fd);
}

static void start_connect(struct hold *h, int fd)
{
	const int tries = MOST_SYNS;

	if (h->err.code)
		return;
	if (setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &tries, sizeof(tries)) == -1)
		err_sys(&h->err, "TCP_SYNCNT");
	else if (connect(fd, &h->silent.sa, h->silent.len) == -1 && errno != EINPROGRESS)
		err_sys(&h->err, "connect to the peer's host");
}

void hold_make_connecting(struct hold *h, const struct hold_recipe *rec, uint64_t n)
{
	(void)rec;
	if (n)
		open_silent(h);
	make_alone(h, n, start_connect);
}

void hold_make_bound(struct hold *h, const struct hold_recipe *rec, uint64_t n)
{
	(void)rec;
	make_alone(h, n, NULL);
}

/* The listeners of the others are closed; those of SYN_RECV count. */
void hold_make_listening(struct hold *h, const struct hold_recipe *rec, uint64_t n)
{
	(void)rec;
	hold_listeners_close(&h->open);
	if (n > h->half_open.n)
		make_alone(h, n - h->half_open.n, listen_at);
}
