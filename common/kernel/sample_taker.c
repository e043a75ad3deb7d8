#include "common/kernel/sample_taker.h"

#include <string.h>

#include "common/base/clock.h"

#define TIMER_TIME_WAIT 3 /* sock_diag's: the socket is a minisock */
#define LIVE_STATES     (SOCK_DIAG_ALL_STATES & ~(1u << STATE_TIME_WAIT))

int sample_taker_init(struct sample_taker *t, const struct sampler_plan *plan,
		      struct err *err)
{
	int r = sides_init(&t->sides, plan->targets, plan->listens, err);

	t->port_lo = plan->port_lo;
	t->port_hi = plan->port_hi;
	t->first_row = plan->first_row;
	t->arg = plan->arg;
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
	const struct sample_taker *by;
	struct sample *into;
	void (*first_row)(const struct sock_diag_row *, void *); /* or NULL */
	uint64_t sockets;
};

static void count_client(const struct classify *c, const struct sock_diag_row *row,
			 bool in_range)
{
	c->into->client.n[row->state]++;
	c->into->ports_in_use += in_range;
	c->into->time_wait_in_range += in_range && row->state == STATE_TIME_WAIT;
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
		break;
	default:
		c->into->other.n[row->state]++;
		break;
	}
	return 0;
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
	int r;

	memset(out, 0, sizeof(*out));
	out->full = full;
	r = sock_diag_dump(t->diag, &what, classify, &c, err);
	if (full)
		t->first_row = NULL;
	*sockets = c.sockets;
	proc_net_read_sockstat(&t->files, &out->sockstat);
	if (r == 0)
		r = proc_net_read_counters(&t->files, &out->counters, err);
	out->t_ns = clock_ns();
	return r;
}
