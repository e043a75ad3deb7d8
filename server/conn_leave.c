/* conn_leave - how a connection ends: the server's half of every close strategy, and the books kept
 * when it is over. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/kernel/sock.h"
#include "common/talk/closing.h"
#include "server/conn.h"
#include "server/worker.h"

/* A client that vanished without a FIN is missed within a minute. */
#define ASK_AFTER_S 30
#define ASK_EVERY_S 10
#define ASK_TIMES   3

static void on_held(evutil_socket_t fd, short what, void *arg)
{
	struct conn *p = arg;

	(void)fd;
	(void)what;
	conn_stop_hold(p);
	conn_fire(p, p->state == CONN_HOLD    ? ON_MEET
		     : p->state == CONN_DELAY ? ON_REQUEST
					      : ON_HELD);
}

/* Few connections are held, and the timer is a quarter of what one takes. */
int conn_start_hold(struct conn *p, uint32_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	p->hold = evtimer_new(p->worker->loop.base, on_held, p);
	if (p->hold && event_add(p->hold, &tv) == 0)
		return 0;
	conn_stop_hold(p);
	return -1;
}

enum conn_input conn_hold(struct conn *p)
{
	timeline_disarm(&p->idle);
	conn_drop_rest(p);
	if (p->header.hold_ms) {
		if (conn_start_hold(p, p->header.hold_ms) < 0)
			return conn_fail(p, END_TOO_LARGE);
		watch_end(&p->watch, EV_CLOSED);
		/* A large request may have made it grow to megabytes, and nobody will read.
		 * Once it is set, the kernel lets it grow no more. */
		sock_set(p->watch.fd, SOL_SOCKET, SO_RCVBUF, CONN_UNREAD_MOST);
		if (p->header.hold_ms / 1000 > ASK_AFTER_S)
			sock_keepalive(p->watch.fd, ASK_AFTER_S, ASK_EVERY_S, ASK_TIMES);
		return ON_NOTHING;
	}
	return conn_meet(p);
}

/* --close both: the moment that the client computes too.  It is near, so nobody looks whether
 * the client is early. */
enum conn_input conn_meet(struct conn *p)
{
	if (!p->closing->together)
		return ON_HELD;
	watch_rest(&p->watch);
	return rendezvous_join(&p->worker->meeting, &p->meet, addr_port(&p->client),
			       clock_wall_ns()) == 0
		       ? ON_NOTHING
		       : ON_HELD;
}

short conn_other_end(const struct conn *p)
{
	struct pollfd fd = { .fd = p->watch.fd, .events = POLLRDHUP };

	return poll(&fd, 1, 0) == 1 ? fd.revents : 0;
}

int conn_error_of(const struct conn *p)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(p->watch.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error ? error : ECONNRESET;
}

void conn_stop_hold(struct conn *p)
{
	if (p->hold)
		event_free(p->hold);
	p->hold = NULL;
}

/* A hold ends with the client.  No strategy lets it close before the server does, so it has
 * left; one that only shut down its side gets the server's move now instead of later.  With
 * --close both it may have been a little early. */
enum conn_input conn_held(struct conn *p)
{
	short is = conn_other_end(p);

	if (is & (POLLERR | POLLHUP))
		return conn_transfer_failed(p, conn_error_of(p));
	if (!(is & POLLRDHUP) || !p->hold)
		return ON_NOTHING;
	conn_stop_hold(p);
	if (p->end == END_SERVED && !p->closing->together)
		p->end = END_LEFT;
	return ON_HELD;
}

/* A leak outlives the client's FIN, that is its point.  A reset leaves nothing to hold. */
enum conn_input conn_leaked(struct conn *p)
{
	return conn_other_end(p) & (POLLERR | POLLHUP) ? ON_HELD : ON_NOTHING;
}

/* ON_FINISH once the transport has said what it says before a FIN, if it says anything.  The side
 * that moves first does so before its move, the other at the end. */
static enum conn_input say_farewell(struct conn *p, bool before_move)
{
	const struct closing *c = p->closing;
	int r;

	if (!p->wire.by->farewell || closing_moves_first(&c->server) != before_move ||
	    !closing_says_farewell(&c->server, &c->client))
		return ON_FINISH;
	if (!p->idle.on)
		conn_new_patience(p);
	r = p->wire.by->farewell(&p->wire, p->watch.fd,
				 closing_farewell_flags(&c->server));
	if (conn_waits(p, r))
		return ON_NOTHING;
	return r < 0 ? conn_transfer_failed(p, -r) : ON_FINISH;
}

enum conn_input conn_leave(struct conn *p)
{
	const struct closing_side *side = &p->closing->server;
	enum conn_input in = say_farewell(p, true);

	if (in != ON_FINISH)
		return in;
	if (side->half && shutdown(p->watch.fd, SHUT_WR) == -1)
		return conn_transfer_failed(p, errno);
	return side->wait_eof ? ON_WAIT : ON_FINISH;
}

enum conn_input conn_await(struct conn *p)
{
	conn_drop_rest(p);
	p->wire.ends_at_farewell = p->closing->server.ends_at_farewell;
	conn_new_patience(p);
	conn_wait(p, EV_READ);
	return ON_NOTHING;
}

/* Whatever still comes is read and counted, so that close() sends FIN and not RST. */
enum conn_input conn_drain(struct conn *p)
{
	struct server_worker *w = p->worker;

	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = wire_receive(&p->wire, p->watch.fd, w->scratch, SCRATCH_SIZE);

		if (n == 0)
			return say_farewell(p, false);
		if (n < 0)
			return conn_no_bytes(p, n);
		conn_received(p, (size_t)n);
	}
	conn_wait(p, EV_READ);
	return ON_NOTHING;
}

/* EOF between requests, without a request marked last: the client moved first, or gave up
 * before the server's turn came. */
enum conn_input conn_client_left(struct conn *p)
{
	conn_forget_request(p);
	if (!p->closing) {
		p->end = END_CONNECT_ONLY;
		p->finish = FINISH_CLOSE;
	} else if (!p->closing->server.wait_eof) {
		p->finish = FINISH_CLOSE;
	}
	return ON_FINISH;
}

/* True if close() would block: SO_LINGER{1,seconds} was asked for this side. */
static bool set_linger(struct conn *p)
{
	if (!closing_moves_first(&p->closing->server) || p->finish != FINISH_CLOSE)
		return false;
	if (p->header.flags & RAW_LINGER2)
		sock_set(p->watch.fd, IPPROTO_TCP, TCP_LINGER2, p->header.seconds);
	return p->header.flags & RAW_LINGER &&
	       sock_linger(p->watch.fd, p->header.seconds) == 0;
}

enum conn_input conn_finish(struct conn *p)
{
	int fd = p->watch.fd;

	timeline_disarm(&p->idle);
	if (p->finish == FINISH_KEEP)
		return ON_KEEP;
	if (p->closing && p->header.flags & (RAW_LINGER | RAW_LINGER2) && set_linger(p))
		return ON_BLOCK;
	watch_closing(&p->watch);
	closing_finish_fd(fd, p->finish);
	return ON_CLOSED;
}

enum conn_input conn_block(struct conn *p)
{
	int fd = p->watch.fd;

	watch_stop(&p->watch);
	if (closer_submit(&p->worker->closer, &p->job, fd) == 0)
		return ON_NOTHING;
	closing_finish_fd(fd, FINISH_CLOSE);
	return ON_CLOSED;
}

enum conn_input conn_closed(struct conn *p)
{
	CONN_COUNT(p, closes, 1);
	CONN_COUNT(p, ended[p->end], 1);
	wire_stop(&p->wire);
	server_worker_give_back(p->worker, p);
	return ON_NOTHING;
}

/* Kept for the hold the client named; else as long as any silent connection is. */
enum conn_input conn_keep(struct conn *p)
{
	watch_end(&p->watch, WATCH_RESET);
	CONN_COUNT(p, leaked, 1);
	p->end = END_LEAK_OVER;
	if (!p->header.hold_ms || conn_start_hold(p, p->header.hold_ms) < 0)
		timeline_arm(&p->worker->idle, &p->idle, loop_now(&p->worker->loop));
	return ON_NOTHING;
}

enum conn_input conn_let_go(struct conn *p)
{
	CONN_COUNT(p, leaked, (uint64_t)-1);
	return conn_give_up(p);
}

/* Closes at once.  A refused header is answered with RST, so that its sender notices; so is a
 * response broken off, which FIN would pass for a whole one, and the kernel would go on keeping
 * what was sent of it for a client that does not read. */
enum conn_input conn_give_up(struct conn *p)
{
	struct server_worker *w = p->worker;
	bool reset = p->end == END_BAD_HEADER || p->end == END_TOO_LARGE ||
		     p->response_left > 0;
	int fd = p->watch.fd;

	conn_forget_request(p);
	if (p->begun)
		CONN_COUNT(p, bytes_missing, p->body_left);
	if (p->response_left > 0)
		CONN_COUNT(p, bytes_unsent, p->response_left);
	timeline_disarm(&p->idle);
	rendezvous_leave(&w->meeting, &p->meet);
	conn_stop_hold(p);
	watch_closing(&p->watch);
	closing_finish_fd(fd, reset ? FINISH_RST : FINISH_CLOSE);
	return conn_closed(p);
}
