/* slot_open - a slot's socket: made, bound as the plan says, connected.  The names of what
 * failed are kept apart: socket, bind, connect. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "client/plan.h"
#include "client/slot_open.h"
#include "client/slot_talk.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/base/system_call.h"
#include "common/kernel/sock.h"
#include "common/talk/closing.h"
#include "common/talk/outcome.h"

/* What it is bound to: a source, or any address of this host; and a port, if we choose it. */
static struct addr source_of(const struct slot *s)
{
	const struct client_plan *plan = s->worker->plan;
	const struct addr *to = &plan->targets.at[s->choice.target];
	struct addr from = { .len = to->len };

	from.sa.sa_family = to->sa.sa_family;
	if (plan->sources.n)
		from = plan->sources.at[s->choice.source];
	if (s->choice.port)
		addr_set_port(&from, s->choice.port);
	return from;
}

/* EADDRNOTAVAIL has two causes.  Without an address here (IPv6 is off, or the address is still
 * tentative) a UDP socket fails as well, and ports have no part in it. */
static bool has_source(const struct slot *s)
{
	const struct client_plan *plan = s->worker->plan;
	const struct addr *to = &plan->targets.at[s->choice.target];
	struct addr from = source_of(s), local;

	return sock_route(to, plan->sources.n ? &from : NULL, &local) != -EADDRNOTAVAIL;
}

/* The port could not be had: none is left, or just this one, of ours in turn, is another's. */
static enum outcome without_port(struct slot *s, enum stage stage)
{
	struct client_worker *w = s->worker;
	struct addr from = source_of(s);

	if (pick_port_missed(&w->pick, &s->choice))
		return OUTCOME_NO_PORT;
	collision_note(&w->collision, &from,
		       stage == STAGE_CONNECT ? &w->plan->targets.at[s->choice.target]
					      : NULL,
		       clock_ns());
	return OUTCOME_COLLISION;
}

/* Without a free port bind() says EADDRINUSE, and connect() EADDRNOTAVAIL: docs/kernel-facts.md#bound-port */
static enum outcome cause_of(struct slot *s, enum stage stage, int error)
{
	if (stage == STAGE_SOCKET)
		return OUTCOME_LOCAL;
	if (error == EADDRNOTAVAIL && (stage == STAGE_BIND || !has_source(s)))
		return OUTCOME_NO_SOURCE;
	if (error == (stage == STAGE_BIND ? EADDRINUSE : EADDRNOTAVAIL))
		return without_port(s, stage);
	return stage == STAGE_BIND ? OUTCOME_LOCAL : outcome_of_connect(error);
}

/* Counts the failure; the slot is free again and nobody tries again at once. */
static enum slot_input failed_as(struct slot *s, enum stage stage, int error,
				 enum outcome cause)
{
	client_tally_failed(s, stage, error);
	s->outcome = (uint8_t)cause;
	s->worker->no_source |= s->outcome == OUTCOME_NO_SOURCE;
	return ON_GIVE_UP;
}

static enum slot_input failed(struct slot *s, enum stage stage, int error)
{
	return failed_as(s, stage, error, cause_of(s, stage, error));
}

bool slot_open_sets_up(const struct client_plan *plan)
{
	return plan->port_range || plan->early_bind || plan->late_bind ||
	       plan->own_ports.at || plan->o.reuseaddr || plan->o.no_quickack ||
	       plan->keepalive.idle_s;
}

/* Socket options before bind() and connect(): only those the plan needs. */
static int prepare(int fd, const struct client_plan *plan)
{
	int r = 0;

	if (plan->port_range)
		r = sock_set(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, (int)plan->port_range);
	if (r == 0 && plan->late_bind)
		r = sock_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (r == 0 && plan->o.reuseaddr)
		r = sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (r == 0 && plan->o.no_quickack)
		r = sock_set(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
	if (r == 0 && plan->keepalive.idle_s)
		r = sock_keepalive(fd, plan->keepalive.idle_s, plan->keepalive.interval_s,
				   plan->keepalive.probes);
	return r;
}

/* With --bind early bind() looks for the port, and that it takes long when ports get scarce is a result,
 * as it is of connect(). */
static int call_bind(struct slot *s, int fd, uint64_t *took_ns)
{
	const struct addr from = source_of(s);
	uint64_t began_ns = clock_ns();
	int r = bind(fd, &from.sa, from.len) == -1 ? -errno : 0;

	*took_ns = clock_ns() - began_ns;
	hist_record(&s->worker->hists.bind, *took_ns);
	return r;
}

/* Options and bind(), where there are any: ON_NOTHING, or it has failed. */
static enum slot_input set_up(struct slot *s, int fd, uint64_t *bind_ns)
{
	const struct client_plan *plan = s->worker->plan;
	int r = prepare(fd, plan);

	if (r < 0)
		return failed(s, STAGE_SOCKET, -r);
	if (plan->early_bind || plan->late_bind || s->choice.port)
		r = call_bind(s, fd, bind_ns);
	return r < 0 ? failed(s, STAGE_BIND, -r) : ON_NOTHING;
}

/* The socket is made and bound: ON_NOTHING, or it has failed. */
static enum slot_input make_socket(struct slot *s, uint64_t *bind_ns)
{
	const struct client_worker *w = s->worker;
	const struct addr *to = &w->plan->targets.at[s->choice.target];
	int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return failed(s, STAGE_SOCKET, errno);
	watch_open(&s->watch, fd);
	return w->sets_up ? set_up(s, fd, bind_ns) : ON_NOTHING;
}

static void begin(struct slot *s)
{
	struct client_worker *w = s->worker;

	aside_pick(&w->aside, s, w->now_ns);
	s->connected = s->last = s->fin_rides = s->goodbye = false;
	s->too_old = s->response_begun = s->left_to_us = false;
	s->wire.peer = s->choice.target;
	s->wire.cut = false;
	s->served = 0;
	s->out_left = s->in_left = 0;
	tally_add(&w->tally.connects_started, 1);
	s->books = &w->targets[targets_entry(&w->plan->books, s->choice.target)];
	tally_add(&s->books->started, 1);
}

/* What connect() came to (0: the SYN is sent), and what it took: by how full the ports are if it got one, together with bind() if that looks
 * for it.  Without that one place is enough: report_latency.c adds them up. */
static inline void note_connect(struct slot *s, int r, uint64_t took_ns, uint64_t bind_ns)
{
	struct client_worker *w = s->worker;
	bool early = w->plan->early_bind, in_band = false;

	if (r == 0) {
		pick_port_had(&w->pick, &s->choice);
		in_band = port_fill_record(&w->port_fill, w->n_slots - w->n_free - 1,
					   took_ns + (early ? bind_ns : 0));
	}
	if (early || !in_band)
		hist_record(&w->hists.connect_call, took_ns);
}

/* The first system call on the way is connect(); its own time is a result, because it grows
 * a hundredfold when ports get scarce (docs/kernel-facts.md#cliff). */
static int call_connect(struct slot *s, uint64_t bind_ns)
{
	struct client_worker *w = s->worker;
	const struct addr *to = &w->plan->targets.at[s->choice.target];
	int r;

	s->began_ns = clock_ns();
	if (w->paced && !s->prefilled)
		hist_record(&w->hists.start_lag, s->began_ns - s->intended_ns);
	if (w->plan->o.fastopen && s->out_left > 0 && s->wire.by->takes & MSG_FASTOPEN)
		r = slot_send_syn(s, to);
	else
		r = (int)SYSTEM_CALL(connect, s->watch.fd, &to->sa, to->len);
	if (r == -EINPROGRESS)
		r = 0;
	note_connect(s, r, clock_ns() - s->began_ns, bind_ns);
	timeline_arm(&w->timeout, &s->due, s->began_ns);
	if (w->plan->o.pool)
		timeline_arm(&w->age, &s->age, s->began_ns);
	return r;
}

enum slot_input slot_connect(struct slot *s)
{
	uint64_t bind_ns = 0;
	bool asked = false;
	int r;

	begin(s);
	s->began_ns = s->worker->now_ns;
	if (make_socket(s, &bind_ns) == ON_GIVE_UP)
		return ON_GIVE_UP;
	slot_prepare(s);
	/* An address that has just come: the last failure before it would look as if no port was left. */
	while ((r = call_connect(s, bind_ns)) == -EADDRNOTAVAIL && s->worker->no_source &&
	       !asked) {
		if (!has_source(s)) /* asked once: the address may come right after */
			return failed_as(s, STAGE_CONNECT, EADDRNOTAVAIL,
					 OUTCOME_NO_SOURCE);
		asked = true;
	}
	if (r < 0)
		return failed(s, STAGE_CONNECT, -r);
	tally_add(&s->worker->tally.syns, 1);
	/* On one machine the handshake is over by now: try, before asking epoll. */
	return slot_check_open(s);
}

/* RST and FIN are no answer to a SYN: with Fast Open a connection may have been served, and
 * reset, before we look. */
static bool came_later(int error)
{
	return error == ECONNRESET || error == EPIPE;
}

/* Writable once the SYN is answered: as wire_send().  (A second connect() would tell as much, but after a RST it
 * throws away what was received.) */
static int poll_open(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int error = 0;

	if (poll(&p, 1, 0) <= 0)
		return TRANSPORT_WANTS_WRITE;
	if (p.revents & POLLERR)
		error = sock_error(fd);
	return came_later(error) ? 0 : -error;
}

/* Sending the request tells how connect() is getting on, too: EAGAIN while the SYN is unanswered
 * (sk_stream_wait_connect()); that saves a call.  How many bytes went, or why it is not open. */
static int try_open(struct slot *s)
{
	int r;

	if (s->out_left == 0 || s->wire.by->start)
		return poll_open(s->watch.fd);
	r = slot_send_some(s);
	return r < 0 && came_later(-r) && s->worker->plan->o.fastopen ? 0 : r;
}

/* A SYN to a free port of this host that leaves from that very port meets itself, and both count as
 * connected. */
static bool meets_itself(const struct slot *s)
{
	const struct addr *to = &s->worker->plan->targets.at[s->choice.target];
	struct addr local = { .len = sizeof(local.in6) };

	return getsockname(s->watch.fd, &local.sa, &local.len) == 0 &&
	       addr_port(&local) == addr_port(to) && addr_same_host(&local, to);
}

/* Once in a run, and where it matters to the ports: the server decides, too. */
static void ask_timestamps(struct client_worker *w, int fd)
{
	w->ask_timestamps = false;
	tally_set(&w->tally.no_timestamps, sock_timestamps(fd) == 0);
}

static enum slot_input not_open(struct slot *s, int r)
{
	if (r != TRANSPORT_WANTS_WRITE)
		return failed(s, STAGE_CONNECT, -r);
	watch_wait(&s->watch, EV_WRITE);
	return ON_NOTHING;
}

enum slot_input slot_check_open(struct slot *s)
{
	struct client_worker *w = s->worker;
	uint64_t now_ns;
	int r = try_open(s);

	if (r < 0)
		return not_open(s, r);
	if (w->plan->may_meet_itself && meets_itself(s))
		return slot_fail(s, OUTCOME_SELF_CONNECTED);
	now_ns = clock_ns();
	s->connected = true;
	if (w->ask_timestamps)
		ask_timestamps(w, s->watch.fd);
	hist_record(&w->hists.connect, now_ns - s->began_ns);
	tally_add(&w->tally.connects_ok, 1);
	client_tally_heard(&w->tally, s->books, now_ns);
	aside_answered(&w->aside, s, now_ns);
	client_worker_connected(w, now_ns);
	if (s->wire.by->start) {
		s->shake_ns = now_ns;
		return ON_SHAKE;
	}
	if (r == 0 || s->out_left > 0)
		return ON_OPEN;
	if (!s->fin_rides)
		w->looked_ns = now_ns;
	return ON_SENT;
}
