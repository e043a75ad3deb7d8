/* conn_io - what a connection does in each state: the server's half of every close strategy.  Each
 * action makes its system calls and names what came next. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/kernel/sock.h"
#include "common/talk/closing.h"
#include "server/conn.h"
#include "server/conn_proto.h"
#include "server/worker.h"

/* Of SCRATCH_SIZE and CONN_ZEROS each: one busy client cannot starve the others. */
#define READS_A_TURN 16
#define SENDS_A_TURN 4

/* A client that resets as its strategy says, once it has its response, has done right. */
static enum server_end end_of_reset(const struct conn *p)
{
	if (!p->closing)
		return p->begun ? END_RESET : END_CONNECT_ONLY;
	if (p->state == CONN_READ && p->begun)
		return END_RESET; /* inside a request */
	if (p->closing->server.wait_eof && p->closing->peer_expects_reset)
		return END_RESET_AS_ASKED;
	return END_RESET;
}

static enum conn_input transfer_failed(struct conn *p, int error)
{
	tally_errno(&p->worker->tally.transfer_errors, error);
	return conn_fail(p, error == ECONNRESET || error == EPIPE ? end_of_reset(p)
								  : END_RESET);
}

/* The next wait is for something else than the last one was: --idle-timeout begins anew. */
static void new_patience(struct conn *p)
{
	p->moved = CONN_PROGRESS;
}

static void moved(struct conn *p, size_t bytes)
{
	p->moved = bytes < CONN_PROGRESS - p->moved ? p->moved + (uint32_t)bytes
						    : CONN_PROGRESS;
}

/* Waits, and --idle-timeout begins anew only if enough has moved since it last did: a byte now
 * and then keeps nothing open.  Not by the worker's now_ns, which is from before the turn: that
 * may have slept for longer than the timeout before this event.  What waits in the transport is
 * taken in the next turn. */
static void wait_for(struct conn *p, short what)
{
	if (p->moved == CONN_PROGRESS) {
		timeline_arm(&p->worker->idle, &p->idle, loop_now(&p->worker->loop));
		p->moved = 0;
	}
	if (what == EV_READ && wire_pending(&p->wire))
		watch_soon(&p->watch);
	else
		watch_wait(&p->watch, what);
}

/* Was that a WANTS?  Then the connection waits for what is wanted. */
static bool waits(struct conn *p, ssize_t result)
{
	short what = transport_wants(result);

	if (what)
		wait_for(p, what);
	return what;
}

enum conn_input conn_handshake(struct conn *p)
{
	int r = p->wire.by->start(&p->wire, p->watch.fd, true);

	if (waits(p, r))
		return ON_NOTHING;
	new_patience(p);
	return r < 0 ? transfer_failed(p, -r) : ON_OPEN;
}

static enum conn_input read_ended(struct conn *p)
{
	return p->begun ? conn_fail(p, END_TRUNCATED) : ON_EOF;
}

/* The first byte decides which protocol it is. */
static enum conn_input take_bytes(struct conn *p, const unsigned char *bytes, size_t n)
{
	bool begun = p->begun;
	enum conn_input in;
	size_t used = n;

	if (!p->proto) {
		p->proto = conn_proto_of(bytes[0]);
		if (!p->proto)
			return conn_fail(p, END_BAD_HEADER);
		p->proto->begin(p);
	}
	in = p->proto->take(p, bytes, n, &used);
	moved(p, n);
	if (!begun && p->begun)
		new_patience(p); /* until now it was for a request to begin */
	p->rest.at = bytes + used;
	p->rest.n = n - used;
	return in;
}

enum conn_input conn_read(struct conn *p)
{
	struct server_worker *w = p->worker;
	enum conn_input in = ON_NOTHING;

	for (int i = 0; i < READS_A_TURN && in == ON_NOTHING; i++) {
		ssize_t n = wire_receive(&p->wire, p->watch.fd, w->scratch, SCRATCH_SIZE);

		if (n == 0)
			return read_ended(p);
		if (waits(p, n))
			return ON_NOTHING;
		if (n < 0)
			return transfer_failed(p, (int)-n);
		tally_add(&w->tally.bytes_received, (uint64_t)n);
		watch_progress(&p->watch);
		in = take_bytes(p, w->scratch, (size_t)n);
	}
	if (in == ON_NOTHING)
		wait_for(p, EV_READ);
	return in;
}

static void drop_rest(struct conn *p)
{
	p->worker->ahead -= p->rest.size;
	free(p->rest.copy);
	p->rest = (struct conn_rest){ 0 };
}

/* Others will use the scratch buffer before this connection comes back to its bytes. */
static int keep_rest(struct conn *p)
{
	unsigned char *copy;

	if (p->rest.n == 0 || p->rest.copy)
		return 0;
	if (p->worker->ahead + p->rest.n > CONN_AHEAD_SUM / p->worker->plan->workers)
		return -ENOMEM;
	copy = malloc(p->rest.n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, p->rest.at, p->rest.n);
	p->rest.at = p->rest.copy = copy;
	p->rest.size = p->rest.n;
	p->worker->ahead += p->rest.size;
	return 0;
}

/* The next request: of what came with the one before, if anything did. */
enum conn_input conn_read_next(struct conn *p)
{
	enum conn_input in = ON_NOTHING;

	new_patience(p);
	p->proto->begin(p);
	if (p->rest.n > 0)
		in = take_bytes(p, p->rest.at, p->rest.n);
	if (p->rest.n == 0)
		drop_rest(p);
	if (in == ON_NOTHING)
		wait_for(p, EV_READ);
	return in;
}

/* Rounded down to a power of two, so that it seldom changes. */
static uint32_t share_of_unsent(const struct server_worker *w)
{
	uint64_t each =
		CONN_UNSENT_SUM / w->plan->workers / (w->in_state[CONN_RESPOND] + 1);
	uint32_t share = CONN_UNSENT_MOST;

	while (share > each && share > CONN_UNSENT_LEAST)
		share /= 2;
	return share;
}

/* Not for what fits: most responses are small, and would not pay a system call. */
static void limit_unsent(struct conn *p)
{
	uint32_t share = share_of_unsent(p->worker);

	if (p->response_left > share && share != p->unsent &&
	    sock_limit_unsent(p->watch.fd, share) == 0)
		p->unsent = share;
}

enum conn_input conn_start_response(struct conn *p)
{
	if (!(p->header.flags & RAW_GOODBYE))
		tally_add(&p->worker->tally.requests, 1);
	p->response_left = p->proto->response(p);
	new_patience(p);
	limit_unsent(p);
	return conn_respond(p);
}

/* The client has room again later, or the others have their turn first. */
static enum conn_input respond_later(struct conn *p, short wants)
{
	if (keep_rest(p) < 0)
		return conn_fail(p, END_TOO_LARGE);
	wait_for(p, wants);
	return ON_NOTHING;
}

enum conn_input conn_respond(struct conn *p)
{
	struct server_worker *w = p->worker;

	for (int i = 0; p->response_left > 0; i++) {
		ssize_t n = i < SENDS_A_TURN ? p->proto->send(p) : TRANSPORT_WANTS_WRITE;

		if (transport_wants(n))
			return respond_later(p, transport_wants(n));
		if (n < 0)
			return transfer_failed(p, (int)-n);
		tally_add(&w->tally.bytes_sent, (uint64_t)n);
		moved(p, (size_t)n);
		p->response_left -= (uint64_t)n;
	}
	if (!(p->header.flags & RAW_GOODBYE))
		tally_add(&w->tally.responses, 1);
	p->begun = false;
	return p->header.flags & RAW_LAST ? ON_LAST : ON_MORE;
}

/* A client that vanished without a FIN is missed within a minute. */
#define ASK_AFTER_S 30
#define ASK_EVERY_S 10
#define ASK_TIMES   3

static void start_hold(struct conn *p, uint32_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(&p->hold, &tv);
	p->timed = true;
}

enum conn_input conn_hold(struct conn *p)
{
	timeline_disarm(&p->idle);
	drop_rest(p);
	if (!closing_moves_first(&p->closing->server))
		return ON_HELD;
	if (p->header.hold_ms) {
		start_hold(p, p->header.hold_ms);
		watch_end(&p->watch, EV_CLOSED);
		/* A large request may have made it grow to megabytes, and nobody will read. */
		sock_limit_unread(p->watch.fd, CONN_UNREAD_MOST);
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

/* What has become of the other end: POLLRDHUP = it has closed its side, POLLERR and POLLHUP =
 * it has reset the connection. */
static short other_end(const struct conn *p)
{
	struct pollfd fd = { .fd = p->watch.fd, .events = POLLRDHUP };

	return poll(&fd, 1, 0) == 1 ? fd.revents : 0;
}

static int error_of(const struct conn *p)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(p->watch.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error ? error : ECONNRESET;
}

static void stop_hold(struct conn *p)
{
	if (p->timed)
		event_del(&p->hold);
	p->timed = false;
}

/* A hold ends with the client.  No strategy lets it close before the server does, so it has
 * left; one that only shut down its side gets the server's move now instead of later.  With
 * --close both it may have been a little early. */
enum conn_input conn_held(struct conn *p)
{
	short is = other_end(p);

	if (is & (POLLERR | POLLHUP))
		return transfer_failed(p, error_of(p));
	if (!(is & POLLRDHUP) || !p->timed)
		return ON_NOTHING;
	stop_hold(p);
	if (p->end == END_SERVED && !p->closing->together)
		p->end = END_LEFT;
	return ON_HELD;
}

/* A leak outlives the client's FIN, that is its point.  A reset leaves nothing to hold. */
enum conn_input conn_leaked(struct conn *p)
{
	return other_end(p) & (POLLERR | POLLHUP) ? ON_HELD : ON_NOTHING;
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
		new_patience(p);
	r = p->wire.by->farewell(&p->wire, p->watch.fd);
	if (waits(p, r))
		return ON_NOTHING;
	return r < 0 ? transfer_failed(p, -r) : ON_FINISH;
}

enum conn_input conn_leave(struct conn *p)
{
	const struct closing_side *side = &p->closing->server;
	enum conn_input in = say_farewell(p, true);

	if (in != ON_FINISH)
		return in;
	if (side->half && shutdown(p->watch.fd, SHUT_WR) == -1)
		return transfer_failed(p, errno);
	return side->wait_eof ? ON_WAIT : ON_FINISH;
}

enum conn_input conn_await(struct conn *p)
{
	new_patience(p);
	wait_for(p, EV_READ);
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
		if (waits(p, n))
			return ON_NOTHING;
		if (n < 0)
			return transfer_failed(p, (int)-n);
		tally_add(&w->tally.bytes_received, (uint64_t)n);
	}
	wait_for(p, EV_READ);
	return ON_NOTHING;
}

/* EOF between requests, without a request marked last: the client moved first, or gave up
 * before the server's turn came. */
enum conn_input conn_client_left(struct conn *p)
{
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
	if (!p->closing || !closing_moves_first(&p->closing->server) ||
	    p->finish != FINISH_CLOSE)
		return false;
	if (p->header.flags & RAW_LINGER2)
		sock_linger2(p->watch.fd, p->header.seconds);
	return p->header.flags & RAW_LINGER &&
	       sock_linger(p->watch.fd, p->header.seconds) == 0;
}

enum conn_input conn_finish(struct conn *p)
{
	int fd = p->watch.fd;

	timeline_disarm(&p->idle);
	if (p->finish == FINISH_KEEP)
		return ON_KEEP;
	if (set_linger(p))
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
	struct server_tally *t = &p->worker->tally;

	tally_add(&t->closes, 1);
	tally_add(&t->ended[p->end], 1);
	wire_stop(&p->wire);
	server_worker_give_back(p->worker, p);
	return ON_NOTHING;
}

/* Kept for the hold the client named; else as long as any silent connection is. */
enum conn_input conn_keep(struct conn *p)
{
	watch_end(&p->watch, WATCH_RESET);
	tally_set(&p->worker->tally.leaked, tally_get(&p->worker->tally.leaked) + 1);
	p->end = END_LEAK_OVER;
	if (p->header.hold_ms)
		start_hold(p, p->header.hold_ms);
	else
		timeline_arm(&p->worker->idle, &p->idle, loop_now(&p->worker->loop));
	return ON_NOTHING;
}

static void end_leak(struct conn *p)
{
	tally_set(&p->worker->tally.leaked, tally_get(&p->worker->tally.leaked) - 1);
}

enum conn_input conn_let_go(struct conn *p)
{
	end_leak(p);
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

	drop_rest(p);
	if (p->begun)
		tally_add(&w->tally.bytes_missing, p->body_left);
	tally_add(&w->tally.bytes_unsent, p->response_left);
	timeline_disarm(&p->idle);
	rendezvous_leave(&w->meeting, &p->meet);
	stop_hold(p);
	watch_closing(&p->watch);
	closing_finish_fd(fd, reset ? FINISH_RST : FINISH_CLOSE);
	return conn_closed(p);
}
