#include "client/ledger_book.h"

#include <stdlib.h>
#include <string.h>

#include "client/sysctl_watch.h"
#include "common/base/put.h"
#include "common/talk/closing.h"

/* What is known of the TIME_WAIT of the run, and of FIN_WAIT2 without a descriptor, which the
 * kernel counts alike when they begin. */
struct entries {
	struct span closes; /* of ours: entries to expect */
	struct span ours;   /* of those that the kernel counted */
	uint64_t entered;   /* that the kernel counted, of all */
	uint64_t waiting;   /* of ours, still on the way to it at the last count */
	uint64_t there;     /* sockets of our connections in it, at the last count */
	uint64_t before;    /* and at the first count */
};

static void add_span(struct span *sum, const struct closing_span *each, uint64_t n)
{
	sum->least += each->least * n;
	sum->most += each->most * n;
}

/* Entries to expect at each end; connections that got a SYN out and did not end as planned
 * may add one at each. */
static struct span expected_entries(const struct ledger *l)
{
	struct span client = { 0, 0 }, server = { 0, 0 };
	uint64_t planned = 0, loose;

	for (unsigned i = 1; i < n_closings; i++) {
		uint64_t n = tally_get(&l->sum->completed[i]);

		add_span(&client, &closings[i].client_entries, n);
		add_span(&server, &closings[i].server_entries, n);
		planned += n;
	}
	/* Whose FIN came first is not known of those that the server was to close, and we did. */
	client.least = ledger_over(client.least, tally_get(&l->sum->http_close_left));
	server.most += tally_get(&l->sum->http_close_left);
	if (l->run->plan.linger == LINGER_FIN_WAIT2 && l->run->plan.linger_seconds < 0)
		client.least = server.least =
			0; /* RST instead, if the peer is not done */
	loose = ledger_over(tally_get(&l->sum->syns),
			    planned + tally_get(&l->sum->outcome[OUTCOME_REFUSED]));
	client.most += loose;
	server.most += loose;
	return l->run->shared ? (struct span){ client.least + server.least,
					       client.most + server.most }
			      : client;
}

/* Of a sample's sockets of our connections, here. */
static uint64_t in_state(const struct ledger *l, const struct sample *s, unsigned state)
{
	return s->client.n[state] + (l->run->shared ? s->server.n[state] : 0);
}

static uint64_t in_time_wait(const struct ledger *l, const struct sample *s)
{
	return in_state(l, s, STATE_TIME_WAIT) +
	       ledger_over(in_state(l, s, STATE_FIN_WAIT2), s->fin_wait2_full);
}

static void read_entries(const struct ledger *l, struct entries *e)
{
	const struct kernel_counters *k = &l->kernel;
	const struct sample *end = &l->run->last;

	e->closes = expected_entries(l);
	e->entered = k->n[KC_TW] + k->n[KC_TWKilled] + k->n[KC_TCPTimeWaitOverflow];
	e->ours.most = ledger_over(e->entered, l->strange_closes.least);
	e->ours.least = ledger_over(e->entered, l->strange_closes.most +
							l->facts->server.link.hangups);
	e->waiting = in_state(l, end, STATE_FIN_WAIT1) + in_state(l, end, STATE_CLOSING) +
		     end->fin_wait2_full;
	e->there = in_time_wait(l, end);
	e->before = in_time_wait(l, &l->run->first);
	/* More than we can have: so many of them are others', and entered, too. */
	e->ours.most = ledger_over(
		e->ours.most,
		ledger_over(e->there, e->before + l->run->first.meanwhile.entries +
					      e->closes.most));
}

/* Ours that the sockets themselves show to have entered, whoever else is here. */
static uint64_t shown(const struct ledger *l, const struct entries *e)
{
	uint64_t hidden = ledger_over(l->strange_closes.most, l->strange_closes.least);

	return ledger_over(e->there, e->before + hidden);
}

/* The kernel counts no RST that comes after a FIN: what was counted is told. */
static void explain_missing(struct ledger *l, uint64_t n)
{
	ledger_found(l, "never_came", n);
	ledger_found(l, "data_after_fin", l->kernel.n[KC_TCPAbortOnData]);
	ledger_found_if_known(l, "rsts_of_server",
			      l->run->shared ? -1 : l->facts->server.rsts_sent);
}

/* RSTs of this host that are no close of ours and no answer to data after a FIN. */
static uint64_t resets_here(const struct ledger *l)
{
	uint64_t known = l->kernel.n[KC_TCPAbortOnData] +
			 l->kernel.n[KC_TCPAbortOnClose] +
			 l->kernel.n[KC_TCPAbortOnLinger] + l->resets;

	return l->run->shared ? 0 : ledger_over(l->kernel.n[KC_OutRsts], known);
}

/* Why it cannot be told whether so many of ours never came to TIME_WAIT; NULL = it can. */
static const char *not_known(const struct ledger *l, const struct entries *e,
			     uint64_t missing)
{
	if (missing)
		return missing <= resets_here(l)
			       ? "this host sent RSTs of its own, as when ss -K ends a "
				 "connection that is on its way to TIME_WAIT"
			       : NULL;
	if (e->ours.least + e->waiting >= e->closes.least ||
	    shown(l, e) + e->waiting >= e->closes.least)
		return NULL;
	return l->strangers
		       ? "other programs connect there too, and their sockets cannot "
			 "be told from ours"
		       : "other programs of this network namespace closed "
			 "connections, too, and may have been counted";
}

static void check_entries(struct ledger *l, const struct entries *e)
{
	static const char what[] =
		"closes of ours = entries to TIME_WAIT (TW + TWKilled + overflow)";
	uint64_t most = e->closes.most + l->facts->server.link.hangups;
	uint64_t missing = ledger_over(e->closes.least, e->ours.most + e->waiting);
	bool fits = !missing && e->ours.least <= most;
	const char *why = e->ours.least <= most ? not_known(l, e, missing) : NULL;

	if (why)
		ledger_not_compared(l, what, why);
	else
		ledger_check(l, what, e->closes, "kernel", e->entered, fits);
	if (missing && !why)
		explain_missing(l, missing);
	if (fits && e->entered > most)
		ledger_found(l, "more_entries", e->entered - most);
}

/* Where tcp_max_tw_buckets was reached: whose sockets they were, as far as that can be told. */
static void explain_overflow(struct ledger *l, const struct entries *e)
{
	uint64_t n = l->kernel.n[KC_TCPTimeWaitOverflow];
	uint64_t most = ledger_over(e->closes.most, shown(l, e));
	uint64_t least = ledger_over(n, l->strange_closes.most);

	ledger_found(l, "overflows", n);
	ledger_found(l, "overflows_ours_least", least);
	ledger_found(l, "overflows_ours_most", most < n ? most : n);
}

static double lasted_s(const struct client_record *run)
{
	return run->last.t_ns > run->begin_ns
		       ? (double)(run->last.t_ns - run->begin_ns) / NS_PER_S
		       : 0;
}

/* How many of n can have ended by age: those from before, or all in a run that was long enough. */
static uint64_t can_be_old(const struct ledger *l, const struct entries *e, uint64_t n)
{
	if (lasted_s(l->run) >= PORTS_TIME_WAIT_S)
		return n;
	return n < e->before ? n : e->before;
}

/* The least that it was, at the beginning and at the end. */
static double fin_timeout_s(const struct ledger *l)
{
	double least = l->run->facts.fin_timeout_s;
	struct sysctl_change c;

	for (unsigned i = 0; sysctl_watch_change(l->run->sysctls, i, &c); i++)
		if (strcmp(c.name, "net.ipv4.tcp_fin_timeout") == 0 &&
		    strtod(c.to, NULL) < least)
			least = strtod(c.to, NULL);
	return least;
}

/* How many can have ended in FIN_WAIT2, by tcp_fin_timeout: as many as were seen at once, for
 * each time that it lasts. */
static uint64_t fin_wait2_ended(const struct ledger *l, uint64_t n)
{
	uint64_t peak = l->run->sampled.client_peak.n[STATE_FIN_WAIT2];
	double timeout_s = fin_timeout_s(l), can;

	if (peak == 0 || lasted_s(l->run) < timeout_s)
		return 0;
	can = timeout_s > 0 ? (double)peak * (1 + lasted_s(l->run) / timeout_s)
			    : (double)n;
	return can < (double)n ? (uint64_t)can : n;
}

/* RSTs that came, of those who could send one to us: -1 = not known. */
static int64_t rsts_of_peer(const struct ledger *l)
{
	return l->run->shared ? (int64_t)l->kernel.n[KC_OutRsts]
			      : l->facts->server.rsts_sent;
}

/* A RST ends FIN_WAIT2 whatever tcp_rfc1337 is; so does data, which this host answers by a RST that no counter names
 * (tcp_timewait_state_process(), net/ipv4/tcp_minisocks.c). */
static void explain_early(struct ledger *l, uint64_t n)
{
	uint64_t half = l->run->sampled.client_peak.n[STATE_FIN_WAIT2];

	ledger_found(l, "ended_early", n);
	ledger_found(l, "fin_wait2_seen", half);
	ledger_found(l, "rsts_here", resets_here(l));
	ledger_found_if_known(l, "rsts_of_peer", rsts_of_peer(l));
	ledger_found_if_known(l, "rsts_that_end",
			      l->facts->rfc1337 && !half ? 0 : rsts_of_peer(l));
}

/* Entered, and neither recycled nor there; as many as that is true of for certain. */
static void explain_gone(struct ledger *l, const struct entries *e)
{
	uint64_t entered =
		e->ours.least < e->closes.most ? e->ours.least : e->closes.most;
	uint64_t kept = e->there + l->kernel.n[KC_TWRecycled] +
			l->kernel.n[KC_TCPTimeWaitOverflow];
	uint64_t gone = ledger_over(entered + e->before, kept);
	uint64_t old = can_be_old(l, e, gone);
	uint64_t half = fin_wait2_ended(l, gone - old);

	if (e->closes.least != e->closes.most || e->closes.most == 0 || l->strangers)
		return;
	ledger_found(l, "gone_by_age", old);
	ledger_found(l, "gone_in_fin_wait2", half);
	put(l->found, "fin_wait2_s", json_real(fin_timeout_s(l)));
	if (gone > old + half)
		explain_early(l, gone - old - half);
}

void ledger_time_wait(struct ledger *l)
{
	struct entries e;

	read_entries(l, &e);
	check_entries(l, &e);
	explain_overflow(l, &e);
	explain_gone(l, &e);
}
