/* slot_talk - a slot's transactions: requests out, responses in, and what follows when one is
 * complete.  What the bytes mean is the protocol's to say (slot_proto.h). */
#include <errno.h>
#include <sys/socket.h>

#include "client/plan.h"
#include "client/slot_leave.h"
#include "client/slot_proto.h"
#include "client/slot_talk.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/kernel/sock.h"
#include "common/talk/closing.h"
#include "common/talk/outcome.h"

/* A connection that had served before and breaks before any byte of the next answer is the
 * race every pool has: the server closed it while it was idle. */
static bool is_pool_race(const struct slot *s)
{
	return s->worker->plan->o.pool && (s->served > 0 || s->prefilled) &&
	       !s->goodbye && !s->response_begun;
}

/* The peer ended the connection where it should not have: how that is counted. */
static enum slot_input broken(struct slot *s, enum outcome o)
{
	if (s->goodbye)
		o = OUTCOME_STALE; /* it had closed before it was asked to */
	else if (is_pool_race(s))
		o = OUTCOME_POOL_RACE;
	else if (s->wire.cut)
		o = OUTCOME_TLS_TRUNCATED;
	else if (s->response_begun && slot_proto(s)->tells_truncated)
		o = OUTCOME_TRUNCATED;
	return slot_fail(s, o);
}

enum outcome slot_ended_by(const struct slot *s, int error)
{
	if (transport_is_fault(-error))
		return outcome_of_fault(-error);
	client_tally_failed(s, STAGE_TRANSFER, error);
	return outcome_of_transfer(error == ENOTCONN &&
						   sock_error(s->watch.fd) == ECONNABORTED
					   ? ECONNABORTED
					   : error);
}

static enum slot_input transfer_failed(struct slot *s, int error)
{
	enum outcome o = slot_ended_by(s, error);

	return o == OUTCOME_RESET ? broken(s, o) : slot_fail(s, o);
}

/* Known before it is sent, so that the server can be told. */
static bool will_be_last(const struct slot *s)
{
	const struct client_plan *plan = s->worker->plan;

	if (!plan->o.pool)
		return s->served_arrival + 1 >= plan->o.requests;
	if (s->served_arrival + 1 < plan->o.requests)
		return false; /* an arrival stays on its connection */
	return s->too_old ||
	       (plan->o.max_requests && s->served + 1 >= plan->o.max_requests);
}

void slot_prepare(struct slot *s)
{
	const struct client_plan *plan = s->worker->plan;

	if (plan->o.requests == 0 || (s->prefilled && !s->connected))
		return;
	s->last = s->goodbye || will_be_last(s);
	s->fin_rides = plan->o.fin_with_data && s->last && s->wire.by->takes & MSG_MORE &&
		       closing_request_may_fin(s->choice.closing);
	s->response_begun = false;
	s->has_response = slot_proto(s)->prepare(s);
	s->out_left = s->out_size;
	/* Counts from when it should have begun: no coordinated omission. */
	s->request_ns = s->served_arrival == 0 ? s->intended_ns
					       : client_worker_just_now(s->worker);
}

/* A FIN that rides follows at once (slot_expect()). */
static inline int send_some(struct slot *s, int flags, const struct sockaddr *to,
			    socklen_t to_len)
{
	struct slot_bytes b = slot_proto(s)->bytes(s, s->out_size - s->out_left);
	ssize_t sent;

	if (s->fin_rides && b.n == s->out_left)
		flags |= MSG_MORE;
	sent = wire_send(&s->wire, s->watch.fd, b.at, b.n, flags, to, to_len);
	if (sent < 0)
		return (int)sent;
	tally_add(&s->worker->tally.bytes_sent, (uint64_t)sent);
	s->out_left -= (uint64_t)sent;
	return (int)sent;
}

int slot_send_some(struct slot *s)
{
	return send_some(s, 0, NULL, 0);
}

/* The kernel answers while it still holds the socket, so that even on one machine only what
 * went in the SYN is counted here. */
int slot_send_syn(struct slot *s, const struct addr *to)
{
	int n = send_some(s, MSG_FASTOPEN, &to->sa, to->len);

	if (n > 0)
		tally_add(&s->worker->tally.syns_with_data, 1);
	return n < 0 ? n : -EINPROGRESS;
}

/* Nothing of this request has left, and the connection turned out to be dead. */
static bool may_redo(const struct slot *s, int error)
{
	return is_pool_race(s) && s->out_left == s->out_size &&
	       (error == EPIPE || error == ECONNRESET);
}

enum slot_input slot_send(struct slot *s)
{
	while (s->out_left > 0) {
		int n = slot_send_some(s);

		if (slot_waits(s, n))
			return ON_NOTHING;
		if (n < 0 && may_redo(s, -n))
			return ON_REDO;
		if (n < 0)
			return transfer_failed(s, -n);
	}
	return ON_SENT;
}

enum slot_input slot_handshake(struct slot *s)
{
	int r = s->wire.by->start(&s->wire, s->watch.fd, false);

	if (slot_waits(s, r))
		return ON_NOTHING;
	if (r == 0) {
		hist_record(&s->worker->hists.handshake, clock_ns() - s->shake_ns);
		return ON_OPEN;
	}
	if (!transport_is_fault(r))
		client_tally_failed(s, STAGE_TRANSFER, -r);
	return slot_fail(s,
			 r == -ECONNABORTED ? OUTCOME_ABORTED_HERE : outcome_of_fault(r));
}

/* Connected; the first part of the first request may be out already. */
enum slot_input slot_opened(struct slot *s)
{
	if (s->worker->plan->o.requests == 0)
		return ON_LAST;
	if (s->prefilled) {
		timeline_disarm(&s->due);
		return ON_REST;
	}
	return slot_send(s);
}

/* The peer's FIN or RST is noticed meanwhile. */
enum slot_input slot_think(struct slot *s)
{
	timeline_arm(&s->worker->think, &s->due, client_worker_just_now(s->worker));
	slot_wait(s, EV_READ);
	return ON_NOTHING;
}

/* The next transaction of a connection that is open already. */
enum slot_input slot_begin(struct slot *s)
{
	struct client_worker *w = s->worker;

	slot_prepare(s);
	timeline_arm(&w->timeout, &s->due, s->served_arrival ? s->request_ns : w->now_ns);
	return slot_send(s);
}

/* No transaction: only a header that asks the server to make its closing move. */
enum slot_input slot_goodbye(struct slot *s)
{
	struct client_worker *w = s->worker;
	const struct closing *c = s->choice.closing;

	timeline_disarm(&s->due);
	s->intended_ns = w->now_ns;
	if (!closing_moves_first(&c->server) && !c->needs_response &&
	    c->server.finish != FINISH_KEEP)
		return ON_LAST;
	s->goodbye = true;
	tally_add(&w->tally.goodbyes, 1);
	return slot_begin(s);
}

/* The request is out; now the response. */
enum slot_input slot_expect(struct slot *s)
{
	watch_progress(&s->watch);
	if (s->fin_rides && shutdown(s->watch.fd, SHUT_WR) == -1)
		return transfer_failed(s, errno);
	if (!s->has_response)
		return ON_RESPONSE;
	slot_wait(s, EV_READ);
	return ON_NOTHING;
}

/* What a server of TLS says to whom does not speak it: a record, of type alert, of version 3.x. */
static bool is_tls_alert(const struct slot *s, const unsigned char *got, size_t n)
{
	return !s->response_begun && s->served == 0 && !s->wire.by->start && n >= 3 &&
	       got[0] == 0x15 && got[1] == 3;
}

/* The protocol refuses the first n bytes read: they may be TLS. */
static enum slot_input refused(struct slot *s, size_t n)
{
	if (is_tls_alert(s, s->worker->scratch, n))
		s->outcome = OUTCOME_PEER_SPEAKS_TLS;
	return ON_GIVE_UP;
}

/* The response is there and will never be read: what client-unread is about.  Peeking keeps
 * it in the socket, so that close() sends RST. */
static enum slot_input leave_unread(struct slot *s)
{
	struct client_worker *w = s->worker;
	ssize_t n = wire_peek(&s->wire, s->watch.fd, w->scratch, SCRATCH_SIZE);
	enum slot_input in;

	if (slot_waits(s, n))
		return ON_NOTHING;
	if (n < 0)
		return transfer_failed(s, (int)-n);
	if (n == 0)
		return broken(s, OUTCOME_EARLY_EOF);
	in = slot_proto(s)->peek(s, w->scratch, (size_t)n);
	return in == ON_GIVE_UP ? refused(s, (size_t)n) : slot_served(s);
}

/* A response that lasts until the peer's FIN is whole if the transport's farewell came before. */
static enum slot_input ended_by_peer(struct slot *s)
{
	bool whole = !s->wire.cut && slot_proto(s)->eof(s);

	return whole ? slot_served(s) : broken(s, OUTCOME_EARLY_EOF);
}

/* Nothing was read. */
static enum slot_input received_none(struct slot *s, ssize_t n)
{
	if (slot_waits(s, n))
		return ON_NOTHING;
	return n < 0 ? transfer_failed(s, (int)-n) : ended_by_peer(s);
}

enum slot_input slot_receive(struct slot *s)
{
	struct client_worker *w = s->worker;

	if (s->last && s->choice.closing->client.leaves_unread)
		return leave_unread(s);
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = wire_receive(&s->wire, s->watch.fd, w->scratch, SCRATCH_SIZE);
		enum slot_input in;

		if (n <= 0)
			return received_none(s, n);
		watch_progress(&s->watch);
		tally_add(&w->tally.bytes_received, (uint64_t)n);
		in = slot_proto(s)->take(s, w->scratch, (size_t)n);
		if (in == ON_GIVE_UP)
			return refused(s, (size_t)n);
		s->response_begun = true;
		if (in == ON_RESPONSE)
			return slot_served(s);
	}
	slot_wait(s, EV_READ);
	return ON_NOTHING;
}

/* A transaction is complete: count it, then the next, or rest, or leave. */
enum slot_input slot_served(struct slot *s)
{
	struct client_worker *w = s->worker;
	uint64_t now_ns = clock_ns();

	w->looked_ns = now_ns;
	timeline_disarm(&s->due);
	if (s->goodbye)
		return slot_over(s);
	hist_record(&w->hists.transaction, now_ns - s->request_ns);
	tally_add(&w->tally.transactions_ok, 1);
	if (!slot_proto(s)->refused || !slot_proto(s)->refused(s))
		tally_add(&w->tally.transactions_good, 1);
	client_tally_heard(&w->tally, s->books, now_ns);
	client_tally_served(s->books);
	aside_served(&w->aside, s, now_ns);
	s->served++;
	s->served_arrival++;
	if (s->last)
		return slot_over(s);
	if (s->served_arrival >= w->plan->o.requests)
		return ON_REST;
	return w->plan->o.think_ns && !w->ending ? ON_PAUSE : ON_AGAIN;
}
