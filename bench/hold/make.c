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

static int pause_for(struct hold *h, uint64_t ns, struct err *err)
{
	return h->plan.pause(h->plan.arg, ns, err);
}

/* A moment's wait; -ETIMEDOUT after `deadline`. */
static int wait_on(struct hold *h, uint64_t deadline, const char *for_what,
		   struct err *err)
{
	if (clock_ns() >= deadline) {
		errno = ETIMEDOUT;
		return err_sys(err, "%s", for_what);
	}
	return pause_for(h, SHORT_WAIT, err);
}

/* ---- listeners */

static int listen_at(int fd, struct err *err)
{
	return listen(fd, BACKLOG) == -1 ? err_sys(err, "listen") : 0;
}

/* A bound socket of ours in *fd; *at gets its port. */
static int bound_socket(struct hold *h, struct addr *at, int *fd, struct err *err)
{
	int r = hold_end_sockets(&h->ours, fd, 1, err);

	*at = h->ours.address;
	return r ? r : hold_end_bind(&h->ours, *fd, at, err);
}

/* After the peer's ACK a handshake waits for data that never come.  The usual way, to refuse
 * that ACK, has the kernel send the SYN-ACK again, those of some seconds all at once
 * (timer wheel); where that is more than net.core.netdev_max_backlog, it gives up those that
 * could not be sent. */
static int leave_half_open(int fd, struct err *err)
{
	const int seconds = DEFER_S, tries = MOST_SYNS;

	if (setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)) ==
	    -1)
		return err_sys(err, "TCP_DEFER_ACCEPT");
	if (setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &tries, sizeof(tries)) == -1)
		return err_sys(err, "TCP_SYNCNT");
	return hold_filter_farewells(fd, err);
}

int hold_listeners_open(struct hold *h, struct hold_listeners *d, unsigned n,
			bool half_open, struct err *err)
{
	int r = 0;

	d->at = calloc(n + 1, sizeof(*d->at));
	d->fd = calloc(n + 1, sizeof(*d->fd));
	if (!d->at || !d->fd)
		return err_sys(err, "%u listeners", n);
	while (r == 0 && d->n < n) {
		int *fd = &d->fd[d->n];

		*fd = -1;
		r = bound_socket(h, &d->at[d->n++], fd, err);
		if (r == 0 && half_open)
			r = leave_half_open(*fd, err);
		r = r ? r : listen_at(*fd, err);
	}
	return r;
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

int hold_silent_open(struct hold *h, struct err *err)
{
	int fd = -1, back, r = hold_end_enter(&h->peer, err);

	r = r ? r : hold_end_sockets(&h->peer, &fd, 1, err);
	back = hold_end_enter(&h->ours, r ? NULL : err);
	r = r ? r : back;
	h->silent = h->peer.address;
	r = r ? r : hold_end_bind(&h->peer, fd, &h->silent, err);
	r = r ? r : hold_filter_all(fd, err);
	r = r ? r : listen_at(fd, err);
	if (r == 0)
		hold_end_keep_fd(&h->peer, fd);
	else if (fd != -1)
		close(fd);
	return r;
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

static int peer_sockets(struct hold *h, struct batch *b, struct err *err)
{
	struct err other;
	int back, r = hold_end_enter(&h->peer, err);

	r = r ? r : hold_end_sockets(&h->peer, b->peer, b->n, err);
	back = hold_end_enter(&h->ours, r ? &other : err);
	return r ? r : back;
}

/* Each to the listener whose turn it is; remembers the ports in pair[], if not NULL. */
static int connect_peers(struct hold *h, struct batch *b, struct hold_listeners *d,
			 struct hold_pair *pair, struct err *err)
{
	struct addr from = h->peer.address;
	int r = 0;

	for (unsigned i = 0; i < b->n; i++, d->n_used++) {
		const struct addr *to = &d->at[d->n_used / d->per_listener];

		r = hold_end_bind(&h->peer, b->peer[i], &from, err);
		if (r < 0)
			return r;
		if (connect(b->peer[i], &to->sa, to->len) == -1 && errno != EINPROGRESS)
			return err_sys(err, "connect from the peer's host");
		if (pair)
			pair[i] = (struct hold_pair){ addr_port(to), addr_port(&from) };
	}
	return 0;
}

/* From whichever listener has one. */
static int accept_any(const struct hold_listeners *d, struct err *err)
{
	for (unsigned i = 0; i < d->n; i++) {
		int fd = accept4(d->fd[i], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd != -1)
			return fd;
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			return err_sys(err, "accept");
	}
	return -EAGAIN;
}

static int accept_all(struct hold *h, struct batch *b, struct err *err)
{
	uint64_t deadline = clock_ns() + PATIENCE;

	for (unsigned i = 0; i < b->n;) {
		int r = accept_any(&h->open, err);

		if (r >= 0)
			b->ours[i++] = r;
		else if (r != -EAGAIN)
			return r;
		else if ((r = wait_on(h, deadline, "connections from the peer", err)) < 0)
			return r;
	}
	return 0;
}

static unsigned state_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1 ? 0
									: info.tcpi_state;
}

static int wait_state(struct hold *h, const int *fd, unsigned n, unsigned state,
		      struct err *err)
{
	uint64_t deadline = clock_ns() + PATIENCE;
	int r = 0;

	for (unsigned i = 0; i < n && r == 0;) {
		if (state_of(fd[i]) == state)
			i++;
		else
			r = wait_on(h, deadline, tcp_state_name(state), err);
	}
	return r;
}

static int take_step(struct hold *h, struct batch *b, const struct hold_step *s,
		     struct err *err)
{
	int *fd = s->who == HOLD_OURS ? b->ours : b->peer;
	int r = 0;

	if (!s->act)
		return wait_state(h, fd, b->n, s->state, err);
	for (unsigned i = 0; i < b->n && r == 0; i++)
		r = s->act(&fd[i], err);
	return r;
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

static int make_batch(struct hold *h, struct batch *b, const struct hold_recipe *rec,
		      struct err *err)
{
	bool renewed = rec->state == STATE_TIME_WAIT && h->pairs;
	struct hold_pair *pair = renewed ? h->pairs + h->n_pairs : NULL;
	int r = peer_sockets(h, b, err);

	r = r ? r : connect_peers(h, b, &h->open, pair, err);
	r = r ? r : accept_all(h, b, err);
	for (const struct hold_step *s = rec->steps; r == 0 && s->who != HOLD_NOBODY; s++)
		r = take_step(h, b, s, err);
	if (r == 0) {
		keep_fds(&h->ours, b->ours, b->n);
		keep_fds(&h->peer, b->peer, b->n);
		h->n_pairs += renewed ? b->n : 0;
	}
	return r;
}

int hold_make_accepted(struct hold *h, const struct hold_recipe *rec, uint64_t n,
		       struct err *err)
{
	struct batch b;
	int r = 0;

	for (uint64_t done = 0; r == 0 && done < n; done += b.n) {
		batch_begin(&b, n - done, h->batch);
		r = pause_for(h, 0, err);
		r = r ? r : make_batch(h, &b, rec, err);
		batch_end(&b);
	}
	return r;
}

/* The peer may go once its ACK is on the way: its RST is refused. */
int hold_make_half_open(struct hold *h, const struct hold_recipe *rec, uint64_t n,
			struct err *err)
{
	struct batch b;
	int r = 0;

	(void)rec;
	for (uint64_t done = 0; r == 0 && done < n; done += b.n) {
		batch_begin(&b, n - done, HOLD_BATCH);
		r = pause_for(h, 0, err);
		r = r ? r : peer_sockets(h, &b, err);
		r = r ? r : connect_peers(h, &b, &h->half_open, NULL, err);
		r = r ? r : wait_state(h, b.peer, b.n, STATE_ESTABLISHED, err);
		batch_end(&b);
	}
	return r;
}

/* ---- sockets of ours alone */

static int start_connect(struct hold *h, int fd, struct err *err)
{
	const int tries = MOST_SYNS;

	if (setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &tries, sizeof(tries)) == -1)
		return err_sys(err, "TCP_SYNCNT");
	if (connect(fd, &h->silent.sa, h->silent.len) == -1 && errno != EINPROGRESS)
		return err_sys(err, "connect to the peer's host");
	return 0;
}

static int stay_bound(struct hold *h, int fd, struct err *err)
{
	(void)h, (void)fd, (void)err;
	return 0;
}

static int start_listening(struct hold *h, int fd, struct err *err)
{
	(void)h;
	return listen_at(fd, err);
}

static int make_alone(struct hold *h, uint64_t n,
		      int (*act)(struct hold *h, int fd, struct err *err),
		      struct err *err)
{
	struct addr at;
	int fd, r = 0;

	for (uint64_t i = 0; i < n && r == 0; i++) {
		fd = -1;
		r = i % HOLD_BATCH == 0 ? pause_for(h, 0, err) : 0;
		r = r ? r : bound_socket(h, &at, &fd, err);
		r = r ? r : act(h, fd, err);
		if (r == 0)
			hold_end_keep_fd(&h->ours, fd);
		else if (fd != -1)
			close(fd);
	}
	return r;
}

int hold_make_connecting(struct hold *h, const struct hold_recipe *rec, uint64_t n,
			 struct err *err)
{
	int r = n ? hold_silent_open(h, err) : 0;

	(void)rec;
	return r ? r : make_alone(h, n, start_connect, err);
}

int hold_make_bound(struct hold *h, const struct hold_recipe *rec, uint64_t n,
		    struct err *err)
{
	(void)rec;
	return make_alone(h, n, stay_bound, err);
}

/* The listeners of the others are closed; those of SYN_RECV count. */
int hold_make_listening(struct hold *h, const struct hold_recipe *rec, uint64_t n,
			struct err *err)
{
	(void)rec;
	hold_listeners_close(&h->open);
	return n > h->half_open.n
		       ? make_alone(h, n - h->half_open.n, start_listening, err)
		       : 0;
}
