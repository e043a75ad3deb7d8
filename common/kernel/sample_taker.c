#include "common/kernel/sample_taker.h"

#include <string.h>

#include "common/base/clock.h"

#define TIMER_TIME_WAIT 3 /* sock_diag's: the socket is a minisock */
#define LIVE_STATES     (SOCK_DIAG_ALL_STATES & ~(1u << STATE_TIME_WAIT))
#define TIME_WAIT_NS    (60 * NS_PER_S) /* TCP_TIMEWAIT_LEN */
#define LATE_NS         (6 * NS_PER_S) /* no timer of that length is later: 5.1 s, HZ=100 */

int sample_taker_init(struct sample_taker *t, const struct sampler_plan *plan,
		      struct err *err)
{
	int r = sides_init(&t->sides, plan->targets, plan->listens, err);

	t->port_lo = plan->port_lo;
	t->port_hi = plan->port_hi;
	t->first_row = plan->first_row;
	t->arg = plan->arg;
	t->before_ns = UINT64_MAX;
	if (r == 0)
		r = proc_net_open(PROC_ROOT, &t->files, err);
	return r < 0 ? r : sock_diag_open(&t->diag, err);
}

void sample_taker_done(struct sample_taker *t)
{
	sock_diag_close(t->diag);
	proc_net_close(&t->files);
	sides_done(&t->sides);
}

struct classify {
	struct sample_taker *by;
	struct sample *into;
	void (*first_row)(const struct sock_diag_row *, void *); /* or NULL */
	uint64_t sockets;
};

/* The timer of TIME_WAIT tells when it began: it always lasts as long.  One that should be over
 * is shown with no time left. */
static bool is_from_before(struct sample_taker *by, const struct sock_diag_row *row)
{
	uint64_t end_ns;

	if (row->state != STATE_TIME_WAIT || by->before_ns == 0)
		return false;
	end_ns = clock_ns() + row->expires_ms * NS_PER_MS;
	if (row->expires_ms == 0)
		end_ns -= LATE_NS;
	if (by->last_end_ns < end_ns)
		by->last_end_ns = end_ns;
	return end_ns < by->before_ns;
}

static void count_client(const struct classify *c, const struct sock_diag_row *row,
			 bool in_range)
{
	c->into->client.n[row->state]++;
	c->into->client_before += is_from_before(c->by, row);
	c->into->ports_in_use += in_range;
	c->into->time_wait_in_range += in_range && row->state == STATE_TIME_WAIT;
	c->into->in_range.n[row->state] += in_range;
}

static int classify(const struct sock_diag_row *row, void *arg)
{
	struct classify *c = arg;
	bool in_range =
		row->local_port >= c->by->port_lo && row->local_port <= c->by->port_hi;
	enum whose whose;

	if (c->first_row)
		c->first_row(row, c->by->arg);
	if (row->state == STATE_CLOSE)
		return 0; /* SOCK_DIAG_BOUND's: in no state that is counted */
	c->sockets++;
	if (row->state == STATE_LISTEN)
		c->into->listeners_in_range += in_range;
	whose = sides_whose(&c->by->sides, row);
	if (row->state == STATE_FIN_WAIT2 && row->timer == TIMER_TIME_WAIT)
		c->into->minisocks++;
	else if (row->state == STATE_FIN_WAIT2 && whose != WHOSE_OTHER)
		c->into->fin_wait2_full++;
	switch (whose) {
	case WHOSE_CLIENT:
		count_client(c, row, in_range);
		break;
	case WHOSE_SERVER:
		c->into->server.n[row->state]++;
		c->into->server_before += is_from_before(c->by, row);
		break;
	default:
		c->into->other.n[row->state]++;
		break;
	}
	return 0;
}

/* Half-way between the end of the last of those and the end of one that begins now. */
static void set_before(struct sample_taker *t, uint64_t now_ns)
{
	uint64_t next_end_ns = now_ns + TIME_WAIT_NS;

	t->before_ns = t->last_end_ns ? t->last_end_ns / 2 + next_end_ns / 2 : 0;
}

/* A dump is of no one moment: what was so before it, and what came meanwhile. */
struct before {
	struct sockstat sockstat;
	struct kernel_counters counters;
};

static void read_before(struct sample_taker *t, bool full, struct before *b)
{
	*b = (struct before){ 0 };
	proc_net_read_sockstat(&t->files, &b->sockstat);
	if (full)
		proc_net_read_counters(&t->files, &b->counters, NULL);
}

static void note_meanwhile(struct sample *s, const struct before *b)
{
	struct kernel_counters moved;
	const uint64_t *n = moved.n;

	kernel_counters_diff(&s->counters, &b->counters, &moved);
	s->meanwhile.opens = n[KC_ActiveOpens] + n[KC_PassiveOpens];
	s->meanwhile.entries = n[KC_TW] + n[KC_TWKilled] + n[KC_TCPTimeWaitOverflow];
	s->inuse = s->sockstat.inuse;
	if (s->inuse < b->sockstat.inuse)
		s->inuse = b->sockstat.inuse;
}

int sample_take(struct sample_taker *t, bool full, struct sample *out, uint64_t *sockets,
		struct err *err)
{
	struct classify c = {
		.by = t,
		.into = out,
		.first_row = full ? t->first_row : NULL,
	};
	const struct sock_diag_query what = {
		.states = (full ? SOCK_DIAG_ALL_STATES : LIVE_STATES) |
			  (c.first_row ? SOCK_DIAG_BOUND : 0),
	};
	struct before before;
	int r;

	memset(out, 0, sizeof(*out));
	out->full = full;
	if (full && t->before_ns == UINT64_MAX)
		t->last_end_ns = 0;
	read_before(t, full, &before);
	r = sock_diag_dump(t->diag, &what, classify, &c, err);
	if (full)
		t->first_row = NULL;
	*sockets = c.sockets;
	proc_net_read_sockstat(&t->files, &out->sockstat);
	if (r == 0)
		r = proc_net_read_counters(&t->files, &out->counters, err);
	note_meanwhile(out, &before);
	out->t_ns = clock_ns();
	if (r == 0 && full && t->before_ns == UINT64_MAX)
		set_before(t, out->t_ns);
	return r;
}
