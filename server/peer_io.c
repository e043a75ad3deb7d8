/* peer_io - what a peer does in each state: the server's half of every close strategy.  Each
 * action makes its system calls and names what came next. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/closing.h"
#include "common/sock.h"
#include "server/peer.h"
#include "server/worker.h"

#define READS_A_TURN                                                                     \
	16 /* of SCRATCH_SIZE each: one busy client cannot starve the others */

static const unsigned char zeros[SCRATCH_SIZE]; /* what responses are made of */

static enum peer_input give_up(struct peer *p, enum server_end end)
{
	p->end = (uint8_t)end;
	return ON_GIVE_UP;
}

/* A client that resets as its strategy says, once it has its response, has done right. */
static enum server_end end_of_reset(const struct peer *p)
{
	if (!p->closing)
		return p->head_got == 0 ? END_CONNECT_ONLY : END_RESET;
	if (p->state == PEER_READ && p->head_got > 0)
		return END_RESET; /* inside a request */
	if (p->closing->server.wait_eof && p->closing->peer_expects_reset)
		return END_RESET_AS_ASKED;
	return END_RESET;
}

static enum peer_input transfer_failed(struct peer *p, int error)
{
	tally_errno(&p->worker->tally.transfer_errors, error);
	return give_up(p, error == ECONNRESET || error == EPIPE ? end_of_reset(p)
								: END_RESET);
}

/* --idle-timeout begins anew.  By the clock, not by the turn's time: the turn may have slept
 * for longer than the timeout before this event. */
static void be_patient(struct peer *p)
{
	timeline_arm(&p->worker->idle, &p->idle, clock_ns());
}

/* Checks a header that has come whole. */
static enum peer_input take_header(struct peer *p)
{
	const struct server_plan *plan = p->worker->plan;

	if (raw_decode(p->head, &p->header) != RAW_OK)
		return give_up(p, END_BAD_HEADER);
	if (p->header.request > plan->max_request ||
	    p->header.response > plan->max_response ||
	    p->header.hold_ms > plan->max_hold_ms ||
	    (p->header.flags & RAW_LINGER && p->header.seconds > plan->max_linger_s))
		return give_up(p, END_TOO_LARGE);
	p->closing = closing_by_number(p->header.strategy);
	p->finish = (uint8_t)p->closing->server.finish;
	p->body_left = p->header.request;
	return ON_NOTHING;
}

/* Feeds n received bytes to the header, then to the body; more than one request at a time is
 * not in the protocol. */
static enum peer_input take_bytes(struct peer *p, const unsigned char *bytes, size_t n)
{
	enum peer_input in;

	while (p->head_got < RAW_HEADER && n > 0) {
		p->head[p->head_got++] = *bytes++;
		n--;
		if (p->head_got == RAW_HEADER && (in = take_header(p)) != ON_NOTHING)
			return in;
	}
	if (p->head_got < RAW_HEADER)
		return ON_NOTHING;
	if (n > p->body_left)
		return give_up(p, END_BAD_HEADER);
	p->body_left -= n;
	return p->body_left == 0 ? ON_REQUEST : ON_NOTHING;
}

static enum peer_input read_ended(struct peer *p)
{
	if (p->head_got == 0)
		return ON_EOF;
	return give_up(p, END_TRUNCATED);
}

enum peer_input peer_read(struct peer *p)
{
	struct server_worker *w = p->worker;
	enum peer_input in = ON_NOTHING;

	for (int i = 0; i < READS_A_TURN && in == ON_NOTHING; i++) {
		ssize_t n = recv(p->watch.fd, w->scratch, SCRATCH_SIZE, 0);

		if (n == 0)
			return read_ended(p);
		if (n == -1 && errno == EAGAIN)
			break;
		if (n == -1)
			return transfer_failed(p, errno);
		tally_add(&w->tally.bytes_received, (uint64_t)n);
		watch_progress(&p->watch);
		in = take_bytes(p, w->scratch, (size_t)n);
	}
	if (in == ON_NOTHING) {
		be_patient(p);
		watch_wait(&p->watch, EV_READ);
	}
	return in;
}

enum peer_input peer_read_next(struct peer *p)
{
	p->head_got = 0;
	be_patient(p);
	watch_wait(&p->watch, EV_READ);
	return ON_NOTHING;
}

enum peer_input peer_start_response(struct peer *p)
{
	if (!(p->header.flags & RAW_GOODBYE))
		tally_add(&p->worker->tally.requests, 1);
	p->response_left = p->header.response;
	return peer_respond(p);
}

/* --fin-with-data: the closing move comes right after the response, in one segment with it.
 * With Fast Open shutdown() may come before the handshake is over, and then it pushes nothing:
 * the response would wait for the client's delayed ACK. */
static bool fin_rides(const struct peer *p)
{
	const uint8_t both = RAW_LAST | RAW_FIN_RIDES;

	if (p->closing->server.half && p->worker->plan->economy.fastopen)
		return false;
	return (p->header.flags & both) == both && p->header.hold_ms == 0 &&
	       closing_response_may_fin(p->closing);
}

/* One send(); its last part waits for the FIN if that is to ride. */
static ssize_t send_some(struct peer *p)
{
	bool all = p->response_left <= SCRATCH_SIZE;

	return send(p->watch.fd, zeros, all ? p->response_left : SCRATCH_SIZE,
		    MSG_NOSIGNAL | (all && fin_rides(p) ? MSG_MORE : 0));
}

enum peer_input peer_respond(struct peer *p)
{
	struct server_worker *w = p->worker;

	while (p->response_left > 0) {
		ssize_t n = send_some(p);

		if (n == -1 && errno == EAGAIN) {
			be_patient(p);
			watch_wait(&p->watch, EV_WRITE);
			return ON_NOTHING;
		}
		if (n == -1)
			return transfer_failed(p, errno);
		tally_add(&w->tally.bytes_sent, (uint64_t)n);
		p->response_left -= (uint64_t)n;
	}
	if (!(p->header.flags & RAW_GOODBYE))
		tally_add(&w->tally.responses, 1);
	p->head_got = 0;
	return p->header.flags & RAW_LAST ? ON_LAST : ON_MORE;
}

static void start_hold(struct peer *p, uint32_t ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(&p->hold, &tv);
}

enum peer_input peer_hold(struct peer *p)
{
	timeline_disarm(&p->idle);
	if (!closing_moves_first(&p->closing->server))
		return ON_HELD;
	if (p->header.hold_ms) {
		start_hold(p, p->header.hold_ms);
		return ON_NOTHING;
	}
	return peer_meet(p);
}

/* --close both: the moment that the client computes too. */
enum peer_input peer_meet(struct peer *p)
{
	if (p->closing->together && rendezvous_join(&p->worker->meeting, &p->meet,
						    p->client_port, clock_wall_ns()) == 0)
		return ON_NOTHING;
	return ON_HELD;
}

enum peer_input peer_rest(struct peer *p)
{
	watch_rest(&p->watch);
	return ON_NOTHING;
}

enum peer_input peer_leave(struct peer *p)
{
	const struct closing_side *side = &p->closing->server;

	if (side->half && shutdown(p->watch.fd, SHUT_WR) == -1)
		return transfer_failed(p, errno);
	return side->wait_eof ? ON_WAIT : ON_FINISH;
}

enum peer_input peer_await(struct peer *p)
{
	be_patient(p);
	watch_wait(&p->watch, EV_READ);
	return ON_NOTHING;
}

/* Whatever still comes is read and counted, so that close() sends FIN and not RST. */
enum peer_input peer_drain(struct peer *p)
{
	struct server_worker *w = p->worker;

	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = recv(p->watch.fd, w->scratch, SCRATCH_SIZE, 0);

		if (n == 0)
			return ON_FINISH;
		if (n == -1 && errno == EAGAIN)
			break;
		if (n == -1)
			return transfer_failed(p, errno);
		tally_add(&w->tally.bytes_received, (uint64_t)n);
	}
	watch_wait(&p->watch, EV_READ);
	return ON_NOTHING;
}

/* EOF between requests, without a request marked last: the client moved first, or gave up
 * before the server's turn came. */
enum peer_input peer_client_left(struct peer *p)
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
static bool set_linger(struct peer *p)
{
	if (!p->closing || !closing_moves_first(&p->closing->server) ||
	    p->finish != FINISH_CLOSE)
		return false;
	if (p->header.flags & RAW_LINGER2)
		sock_linger2(p->watch.fd, p->header.seconds);
	return p->header.flags & RAW_LINGER &&
	       sock_linger(p->watch.fd, p->header.seconds) == 0;
}

enum peer_input peer_finish(struct peer *p)
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

enum peer_input peer_block(struct peer *p)
{
	int fd = p->watch.fd;

	watch_stop(&p->watch);
	if (closer_submit(&p->worker->closer, &p->job, fd) == 0)
		return ON_NOTHING;
	closing_finish_fd(fd, FINISH_CLOSE);
	return ON_CLOSED;
}

enum peer_input peer_closed(struct peer *p)
{
	struct server_tally *t = &p->worker->tally;

	tally_add(&t->closes, 1);
	tally_add(&t->ended[p->end], 1);
	server_worker_give_back(p->worker, p);
	return ON_NOTHING;
}

/* Kept for the hold the client named; else as long as any silent connection is. */
enum peer_input peer_keep(struct peer *p)
{
	watch_rest(&p->watch);
	tally_set(&p->worker->tally.leaked, tally_get(&p->worker->tally.leaked) + 1);
	p->end = END_LEAK_OVER;
	if (p->header.hold_ms)
		start_hold(p, p->header.hold_ms);
	else
		be_patient(p);
	return ON_NOTHING;
}

static void end_leak(struct peer *p)
{
	tally_set(&p->worker->tally.leaked, tally_get(&p->worker->tally.leaked) - 1);
}

enum peer_input peer_let_go(struct peer *p)
{
	end_leak(p);
	return peer_give_up(p);
}

/* Closes at once.  A refused header is answered with RST, so that its sender notices. */
enum peer_input peer_give_up(struct peer *p)
{
	struct server_worker *w = p->worker;
	bool refused = p->end == END_BAD_HEADER || p->end == END_TOO_LARGE;
	int fd = p->watch.fd;

	if (p->head_got > 0)
		tally_add(&w->tally.bytes_missing, p->body_left);
	tally_add(&w->tally.bytes_unsent, p->response_left);
	timeline_disarm(&p->idle);
	rendezvous_leave(&w->meeting, &p->meet);
	event_del(&p->hold);
	watch_closing(&p->watch);
	closing_finish_fd(fd, refused ? FINISH_RST : FINISH_CLOSE);
	return peer_closed(p);
}
