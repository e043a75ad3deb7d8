#include "server/listener.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/container.h"
#include "common/base/system_call.h"
#include "server/worker.h"

#define FULL_BATCHES 16

static void pause_for_now(struct listener *l)
{
	const struct timeval pause = { .tv_usec = ACCEPT_PAUSE_MS * 1000 };

	event_add(&l->resume, &pause);
}

static void resume_accepting(struct listener *l)
{
	if (!l->paused || l->fd == -1)
		return;
	if (watch_keep(&l->watch, NULL) < 0) {
		pause_for_now(l);
		return;
	}
	l->paused = false;
	event_del(&l->resume);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	resume_accepting(arg);
}

static void pause_accepting(struct listener *l)
{
	if (l->paused)
		return;
	l->paused = true;
	watch_rest(&l->watch);
	pause_for_now(l);
	tally_add(&l->worker->tally.accept_pauses, 1);
}

static bool at_the_limit(const struct server_worker *w)
{
	return w->max_connections && tally_get(&w->tally.open) >= w->max_connections;
}

/* The connection or the network failed, not this host: accept(2) says to retry. */
static bool is_passing(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPROTO ||
	       error == ENETDOWN || error == ENOPROTOOPT || error == EHOSTDOWN ||
	       error == ENONET || error == EHOSTUNREACH || error == EOPNOTSUPP ||
	       error == ENETUNREACH || error == EPERM;
}

/* Takes one connection; false when there is none, or none can be taken now.  first: one is
 * known to wait, so that it is worth a place. */
static bool accept_one(struct listener *l, bool first)
{
	struct server_worker *w = l->worker;
	struct addr from = { .len = sizeof(from.in6) };
	struct conn *p;
	int fd = (int)SYSTEM_CALL(accept4, l->fd, &from.sa, &from.len,
				  SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (fd == -EAGAIN)
			return false;
		tally_errno(&w->tally.accept_errors, -fd);
		if (is_passing(-fd))
			return true;
		if (fd == -EMFILE && (!first || room_make(w)))
			return false; /* what waits rings again */
		pause_accepting(l);
		return false;
	}
	p = server_worker_take(w);
	if (!p) {
		close(fd);
		tally_errno(&w->tally.accept_errors, ENOMEM);
		pause_accepting(l);
		return false;
	}
	tally_add(&w->tally.accepted, 1);
	tally_add(&w->tally.open, 1);
	room_note_client(&w->room, &from);
	conn_accept(p, fd, &from);
	return true;
}

/* Takes as many as lately came at a time, so that the accept4() which only says EAGAIN is
 * mostly saved; what is left over rings again.  Twice as many after a full batch, or after some of one. */
static void on_acceptable(struct watch *w)
{
	struct listener *l = container_of(w, struct listener, watch);

	for (unsigned i = 0; i < l->batch; i++) {
		if (at_the_limit(l->worker) && (i > 0 || !room_make(l->worker))) {
			if (i == 0)
				pause_accepting(l);
			return;
		}
		if (!accept_one(l, i == 0)) {
			l->batch = i > 0 ? i : 1;
			l->full_batches = 0;
			return;
		}
	}
	if ((l->batch > 1 || ++l->full_batches % FULL_BATCHES == 0) &&
	    l->batch < ACCEPTS_A_TURN)
		l->batch *= 2;
}

int listener_open(struct listener *l, struct server_worker *w, struct addr *at,
		  enum sock_sharing sharing, struct err *err)
{
	int r;

	l->worker = w;
	l->batch = 1;
	l->fd = sock_listen(at, w->plan->backlog, sharing, err);
	if (l->fd < 0)
		return l->fd;
	event_assign(&l->resume, w->loop.base, -1, 0, on_resume, l);
	watch_init(&l->watch, &w->loop, on_acceptable);
	watch_open(&l->watch, l->fd);
	sock_set(l->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, CONN_UNSENT_MOST);
	r = sock_economize(l->fd, &w->plan->economy, err);
	if (r < 0)
		return r;
	if (addr_port(at) == 0 && sock_local(l->fd, at, err) < 0)
		return -EINVAL;
	return watch_keep(&l->watch, err);
}

void listener_close(struct listener *l)
{
	if (l->fd < 0)
		return;
	event_del(&l->resume);
	watch_stop(&l->watch);
	close(l->fd);
	l->fd = -1;
}

void listeners_room(struct server_worker *w)
{
	for (size_t i = 0; i < w->plan->listens.n; i++)
		if (w->listeners[i].paused && !at_the_limit(w))
			resume_accepting(&w->listeners[i]);
}
