/* slot_leave - how a slot's connection ends: the client's half of every close strategy, the
 * rest in the pool, and the books kept when it is over. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/leak.h"
#include "client/plan.h"
#include "client/slot_leave.h"
#include "client/slot_open.h"
#include "client/slot_proto.h"
#include "client/slot_talk.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/kernel/sock.h"
#include "common/talk/closing.h"
#include "common/talk/outcome.h"

/* Served, and kept for the next arrival; its FIN or RST is noticed while it rests. */
enum slot_input slot_rest(struct slot *s)
{
	if (s->too_old || s->worker->ending)
		return ON_RETIRE;
	timeline_arm(&s->worker->rest, &s->due, client_worker_just_now(s->worker));
	slot_wait(s, EV_READ);
	return ON_NOTHING;
}

/* In a hold of this side's: what may come is the server's, and not due.  But with --close both
 * its FIN is, and client-unread must leave its response where it is. */
static bool hold_is_silent(const struct slot *s)
{
	return !s->choice.closing->together && !s->choice.closing->client.leaves_unread;
}

enum slot_input slot_hold_ready(struct slot *s)
{
	if (hold_is_silent(s))
		return slot_idle_ready(s);
	watch_rest(&s->watch);
	return ON_NOTHING;
}

/* An idle connection became readable: the server closed it, for nobody asked it anything. */
enum slot_input slot_idle_ready(struct slot *s)
{
	ssize_t n = wire_receive(&s->wire, s->watch.fd, s->worker->scratch, SCRATCH_SIZE);

	if (slot_waits(s, n))
		return ON_NOTHING;
	if (n < 0 && !transport_is_fault(n))
		client_tally_failed(s, STAGE_TRANSFER, (int)-n);
	if (n <= 0)
		return slot_fail(s, n == -ECONNABORTED ? OUTCOME_ABORTED_HERE
						       : OUTCOME_STALE);
	slot_wait(s, EV_READ);
	return slot_proto(s)->unasked(s);
}

/* --close both: the moment that the server computes too. */
static enum slot_input meet(struct slot *s)
{
	struct addr local = { .len = sizeof(local.in6) };

	if (getsockname(s->watch.fd, &local.sa, &local.len) == 0 &&
	    rendezvous_join(&s->worker->meeting, &s->meet, addr_port(&local),
			    clock_wall_ns()) == 0)
		return ON_NOTHING;
	return ON_HELD;
}

enum slot_input slot_meet(struct slot *s)
{
	return s->choice.closing->together ? meet(s) : ON_HELD;
}

/* Does something come before this side's move? */
static bool holds(const struct slot *s)
{
	const struct client_worker *w = s->worker;
	const struct closing *c = s->choice.closing;

	if (!closing_moves_first(&c->client) || s->left_to_us)
		return false;
	return c->together || (w->plan->o.hold_ns && !w->ending);
}

enum slot_input slot_over(const struct slot *s)
{
	const struct closing_side *side = &s->choice.closing->client;

	if (holds(s))
		return ON_LAST;
	return side->half || side->wait_eof || s->wire.by->farewell ? ON_HELD : ON_FINISH;
}

enum slot_input slot_hold(struct slot *s)
{
	struct client_worker *w = s->worker;

	timeline_disarm(&s->due);
	timeline_disarm(&s->age);
	if (!holds(s))
		return ON_HELD;
	if (w->plan->o.hold_ns && !w->ending) {
		timeline_arm(&w->hold, &s->due, client_worker_just_now(w));
		if (hold_is_silent(s))
			slot_wait(s, EV_READ);
		return ON_NOTHING;
	}
	return slot_meet(s);
}

static enum slot_input leave_failed(struct slot *s, int error)
{
	return slot_fail(s, slot_ended_by(s, error));
}

/* ON_FINISH once the transport has said what it says before a FIN, if it says anything.  The side
 * that moves first does so before its move, the other at the end. */
static enum slot_input say_farewell(struct slot *s, bool before_move)
{
	const struct closing *c = s->choice.closing;
	int r;

	if (!s->wire.by->farewell || closing_moves_first(&c->client) != before_move ||
	    !closing_says_farewell(&c->client, &c->server))
		return ON_FINISH;
	s->worker->looked_ns = 0;
	r = s->wire.by->farewell(&s->wire, s->watch.fd,
				 closing_farewell_flags(&c->client));
	if (slot_waits(s, r)) {
		if (!s->due.on)
			timeline_arm(&s->worker->drain, &s->due, clock_ns());
		return ON_NOTHING;
	}
	return r < 0 ? leave_failed(s, -r) : ON_FINISH;
}

/* How long to wait for the server's FIN.  One that holds first is given its hold on top. */
static struct timeline *patience(struct slot *s)
{
	struct client_worker *w = s->worker;

	return slot_proto(s)->may_leave_closing &&
			       closing_moves_first(&s->choice.closing->server)
		       ? &w->fin
		       : &w->drain;
}

enum slot_input slot_leave(struct slot *s)
{
	const struct closing_side *side = &s->choice.closing->client;
	enum slot_input in = say_farewell(s, true);

	if (in != ON_FINISH)
		return in;
	if (side->half && !s->fin_rides) {
		s->worker->looked_ns = 0;
		if (shutdown(s->watch.fd, SHUT_WR) == -1)
			return leave_failed(s, errno);
	}
	if (!side->wait_eof)
		return ON_FINISH;
	watch_progress(&s->watch);
	timeline_arm(patience(s), &s->due, client_worker_just_now(s->worker));
	return ON_WAIT;
}

/* The server was to close and has not (RFC 9112, 9.6): this side does, as it would have answered. */
enum slot_input slot_take_over(struct slot *s)
{
	s->choice.closing = closing_as_it_came(s->choice.closing, false);
	s->left_to_us = true;
	tally_add(&s->worker->tally.http_close_awaited, 1);
	return slot_leave(s);
}

/* The end as the strategy says: EOF, or the RST that was asked for. */
static enum slot_input drain_failed(struct slot *s, int error)
{
	const struct closing *c = s->choice.closing;

	if (error == ECONNRESET && c->peer_expects_reset)
		return ON_FINISH;
	return leave_failed(s, error);
}

/* The answer to a FIN just sent cannot be there yet; any other FIN can. */
enum slot_input slot_await(struct slot *s)
{
	if (!s->choice.closing->client.half || s->fin_rides)
		return slot_drain(s);
	slot_wait(s, EV_READ);
	return ON_NOTHING;
}

enum slot_input slot_drain(struct slot *s)
{
	struct client_worker *w = s->worker;
	enum slot_input in = ON_NOTHING;

	w->looked_ns = 0;
	for (int i = 0; i < READS_A_TURN && in == ON_NOTHING; i++) {
		ssize_t n = wire_receive(&s->wire, s->watch.fd, w->scratch, SCRATCH_SIZE);

		if (n == 0 && s->due.on == &w->fin)
			timeline_disarm(&s->due);
		if (n == 0)
			return say_farewell(s, false);
		if (slot_waits(s, n))
			return ON_NOTHING;
		if (n < 0)
			return drain_failed(s, (int)-n);
		tally_add(&w->tally.bytes_received, (uint64_t)n);
		in = slot_proto(s)->unasked(s);
	}
	if (in == ON_NOTHING)
		slot_wait(s, EV_READ);
	return in;
}

/* --linger and --linger2 act on the side that moves first. */
static bool set_linger(struct slot *s)
{
	const struct client_plan *plan = s->worker->plan;
	const struct closing_side *side = &s->choice.closing->client;

	if (plan->linger == LINGER_NONE || !closing_moves_first(side) ||
	    side->finish != FINISH_CLOSE)
		return false;
	s->worker->looked_ns = 0;
	if (plan->linger == LINGER_FIN_WAIT2)
		sock_set(s->watch.fd, IPPROTO_TCP, TCP_LINGER2, plan->linger_seconds);
	return plan->linger == LINGER_CLOSE &&
	       sock_linger(s->watch.fd, plan->linger_seconds) == 0;
}

enum slot_input slot_finish(struct slot *s)
{
	struct client_worker *w = s->worker;
	enum closing_finish finish = s->choice.closing->client.finish;
	int fd = s->watch.fd;
	uint64_t begin_ns;

	timeline_disarm(&s->due);
	s->outcome = finish == FINISH_KEEP ? OUTCOME_LEAKED : OUTCOME_COMPLETED;
	if (set_linger(s))
		return ON_BLOCK;
	if (finish == FINISH_KEEP) {
		watch_stop(&s->watch);
		leak_keep(w, fd);
		return ON_CLOSED;
	}
	watch_closing(&s->watch);
	begin_ns = client_worker_just_now(w);
	closing_finish_fd(fd, finish);
	w->looked_ns = clock_ns();
	hist_record(&w->hists.close, w->looked_ns - begin_ns);
	tally_add(&w->tally.closes, 1);
	return ON_CLOSED;
}

enum slot_input slot_block(struct slot *s)
{
	int fd = s->watch.fd;

	watch_stop(&s->watch);
	tally_add(&s->worker->tally.closes, 1);
	if (closer_submit(&s->worker->closer, &s->job, fd) == 0)
		return ON_NOTHING;
	closing_finish_fd(fd, FINISH_CLOSE);
	return ON_CLOSED;
}

/* The books: one outcome for each connection started, and the end of its transport's session. */
static inline void count_outcome(struct slot *s)
{
	struct client_tally *t = &s->worker->tally;

	tally_add(&t->outcome[s->outcome], 1);
	if (s->connected)
		port_fill_closed(&s->worker->port_fill, s->choice.closing->client_port);
	pick_connection_over(&s->worker->pick, s->choice.target);
	wire_stop(&s->wire);
}

enum slot_input slot_closed(struct slot *s)
{
	struct client_tally *t = &s->worker->tally;

	count_outcome(s);
	if (s->outcome == OUTCOME_COMPLETED || s->outcome == OUTCOME_LEAKED) {
		tally_add(&t->completed[closing_number(s->choice.closing)], 1);
		tally_add(&s->books->ok, 1);
		if (s->left_to_us)
			tally_add(&t->http_close_left, 1);
		client_tally_served(s->books);
	}
	if ((s->out_left > 0 || s->in_left > 0) && s->connected) {
		tally_add(&t->bytes_unsent, s->out_left);
		tally_add(&t->bytes_missing, s->in_left);
	}
	timeline_disarm(&s->age);
	return ON_NOTHING;
}

/* When the first connection without a port was due: what differs from the time it failed is
 * this machine's delay, not the ports'. */
static void note_due(const struct slot *s)
{
	struct client_worker *w = s->worker;

	if (s->outcome == OUTCOME_NO_PORT && w->paced &&
	    tally_get(&w->tally.first_exhausted_due_ns) == 0)
		tally_set(&w->tally.first_exhausted_due_ns, s->intended_ns);
}

/* Closes at once and says why.  Failures also make the worker wait a little. */
static void end_now(struct slot *s)
{
	struct client_worker *w = s->worker;
	uint64_t now_ns = clock_ns();
	int fd = s->watch.fd;

	timeline_disarm(&s->due);
	timeline_disarm(&s->age);
	rendezvous_leave(&w->meeting, &s->meet);
	watch_closing(&s->watch);
	if (fd != -1)
		close(fd);
	if (s->connected)
		tally_add(&w->tally.closes, 1);
	note_due(s);
	client_tally_over(s, now_ns);
	client_worker_failed(w, s, now_ns, now_ns - s->began_ns);
}

enum slot_input slot_give_up(struct slot *s)
{
	end_now(s);
	return slot_closed(s);
}

/* close() is still blocking when the run is over: it ends on its own thread, uncounted. */
enum slot_input slot_abandon(struct slot *s)
{
	client_worker_failed(s->worker, s, clock_ns(), 0);
	return slot_closed(s);
}

/* Nothing of the request was sent on the stale connection: the same arrival, a new one. */
enum slot_input slot_redo(struct slot *s)
{
	s->outcome = OUTCOME_POOL_RACE;
	s->prefilled = false;
	end_now(s);
	count_outcome(s);
	tally_add(&s->worker->tally.pool_retried, 1);
	return slot_connect(s);
}
