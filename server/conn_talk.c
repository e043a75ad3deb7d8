/* conn_talk - a connection's requests in and responses out.  What the bytes mean is the protocol's
 * to say (conn_proto.h). */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/talk/closing.h"
#include "common/kernel/sock.h"
#include "server/conn.h"
#include "server/conn_proto.h"
#include "server/worker.h"

#define SENDS_A_TURN 4 /* of CONN_ZEROS each: one busy client cannot starve the others */

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

static enum server_end end_of_fault(int fault)
{
	if (fault == TRANSPORT_ANEW)
		return END_RENEGOTIATION;
	return fault == TRANSPORT_FLOOD ? END_FLOOD : END_HANDSHAKE;
}

void conn_received(struct conn *p, size_t bytes)
{
	CONN_COUNT(p, bytes_received, bytes);
	if (!p->books)
		p->unnamed += bytes;
}

/* What it has counted before is the run's, too. */
void conn_count_for_run(struct conn *p, unsigned run)
{
	struct server_worker *w = p->worker;

	if (run >= RAW_RUNS || p->books || !w->of_run)
		return;
	p->books = &w->of_run[run];
	tally_add(&w->tally.named, 1);
	tally_add(&p->books->named, 1);
	tally_add(&p->books->accepted, 1);
	tally_add(&p->books->open, 1);
	tally_add(&p->books->bytes_received, p->unnamed);
}

void conn_count_error(struct conn *p, int error)
{
	CONN_COUNT(p, transfer_errors.n[tally_errno_at(error)], 1);
}

enum conn_input conn_transfer_failed(struct conn *p, int error)
{
	if (transport_is_fault(-error))
		return conn_fail(p, end_of_fault(-error));
	conn_count_error(p, error);
	return conn_fail(p, error == ECONNRESET || error == EPIPE ? end_of_reset(p)
								  : END_RESET);
}

static void moved(struct conn *p, size_t bytes)
{
	p->moved = bytes < CONN_PROGRESS - p->moved ? p->moved + (uint32_t)bytes
						    : CONN_PROGRESS;
}

/* Not by the worker's now_ns, which is from before the turn: that may have slept for longer than
 * the timeout before this event. */
void conn_wait(struct conn *p, short what)
{
	if (p->moved == CONN_PROGRESS) {
		timeline_arm(p->state == CONN_HANDSHAKE ? &p->worker->handshake
							: &p->worker->idle,
			     &p->idle, loop_now(&p->worker->loop));
		p->moved = 0;
	}
	if (what == EV_READ && wire_pending(&p->wire))
		watch_soon(&p->watch);
	else
		watch_wait(&p->watch, what);
}

enum conn_input conn_no_bytes(struct conn *p, ssize_t result)
{
	return conn_waits(p, result) ? ON_NOTHING : conn_transfer_failed(p, (int)-result);
}

enum conn_input conn_handshake(struct conn *p)
{
	int r = p->wire.by->start(&p->wire, p->watch.fd, true);

	if (conn_waits(p, r))
		return ON_NOTHING;
	conn_new_patience(p);
	if (r == 0)
		return ON_OPEN;
	if (!transport_is_fault(r))
		conn_count_error(p, -r);
	return conn_fail(p, END_HANDSHAKE);
}

static enum conn_input read_ended(struct conn *p)
{
	return p->begun ? conn_fail(p, END_TRUNCATED) : ON_EOF;
}

/* The first byte decides which protocol it is. */
static inline enum conn_input take_bytes(struct conn *p, const unsigned char *bytes,
					 size_t n)
{
	bool begun = p->begun;
	enum conn_input in;
	size_t used = n;

	if (!p->proto) {
		p->proto = conn_proto_of(bytes[0]);
		if (!p->proto)
			return conn_fail(p, END_BAD_HEADER);
	}
	in = p->proto->take(p, bytes, n, &used);
	if (!begun && p->begun)
		conn_new_patience(p); /* until now it was for a request to begin */
	else if (in == ON_NOTHING)
		moved(p, n);
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

		if (n <= 0)
			return n == 0 ? read_ended(p) : conn_no_bytes(p, n);
		conn_received(p, (size_t)n);
		watch_progress(&p->watch);
		in = take_bytes(p, w->scratch, (size_t)n);
	}
	if (in == ON_NOTHING)
		conn_wait(p, EV_READ);
	return in;
}

void conn_forget_request(struct conn *p)
{
	if (p->proto)
		p->proto->done(p);
	conn_drop_rest(p);
}

void conn_drop_copy(struct conn *p)
{
	p->worker->ahead -= p->rest.size;
	free(p->rest.copy);
	p->rest.copy = NULL;
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

	conn_new_patience(p);
	if (p->rest.n > 0)
		in = take_bytes(p, p->rest.at, p->rest.n);
	if (p->rest.n == 0)
		conn_drop_rest(p);
	if (in == ON_NOTHING)
		conn_wait(p, EV_READ);
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
	uint32_t share;

	if (p->response_left <= CONN_UNSENT_LEAST)
		return;
	share = share_of_unsent(p->worker);
	if (p->response_left > share && share != p->unsent &&
	    sock_set(p->watch.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, (int)share) == 0)
		p->unsent = share;
}

enum conn_input conn_start_response(struct conn *p)
{
	if (!(p->header.flags & RAW_GOODBYE))
		CONN_COUNT(p, requests, 1);
	p->response_left = p->proto->response(p);
	conn_new_patience(p);
	limit_unsent(p);
	return conn_respond(p);
}

/* As a slow server: what comes meanwhile is not read, and a client that closes its side gets its
 * answer all the same. */
enum conn_input conn_delay(struct conn *p)
{
	if (keep_rest(p) < 0)
		return conn_fail(p, END_TOO_LARGE);
	timeline_disarm(&p->idle);
	watch_end(&p->watch, WATCH_RESET);
	if (conn_start_hold(p, p->http->reply.delay_ms) < 0)
		return conn_fail(p, END_TOO_LARGE);
	return ON_NOTHING;
}

enum conn_input conn_delayed(struct conn *p)
{
	if (!(conn_other_end(p) & (POLLERR | POLLHUP)))
		return ON_NOTHING;
	conn_stop_hold(p);
	return conn_transfer_failed(p, conn_error_of(p));
}

/* The client has room again later, or the others have their turn first. */
static enum conn_input respond_later(struct conn *p, ssize_t result)
{
	if (transport_wants(result) && keep_rest(p) < 0)
		return conn_fail(p, END_TOO_LARGE);
	return conn_no_bytes(p, result);
}

enum conn_input conn_respond(struct conn *p)
{
	for (int i = 0; p->response_left > 0; i++) {
		ssize_t n = i < SENDS_A_TURN ? p->proto->send(p) : TRANSPORT_WANTS_WRITE;

		if (n < 0)
			return respond_later(p, n);
		CONN_COUNT(p, bytes_sent, (uint64_t)n);
		p->response_left -= (uint64_t)n;
		if (p->response_left > 0)
			moved(p, (size_t)n);
	}
	if (!(p->header.flags & RAW_GOODBYE))
		CONN_COUNT(p, responses, 1);
	p->proto->done(p);
	p->begun = false;
	if (!(p->header.flags & RAW_LAST))
		return ON_MORE;
	return closing_moves_first(&p->closing->server) ? ON_LAST : ON_WAIT;
}
