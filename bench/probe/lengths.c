/* lengths - how long the kernel will keep what is left of a closed connection, by its
 * own timer (sock_diag): a TIME_WAIT and a FIN_WAIT2, plain and with TCP_LINGER2 set.
 * TIME_WAIT is 60 s whatever tcp_fin_timeout says; FIN_WAIT2 is not
 * (docs/kernel-facts.md#time-wait-length). */
#include <stdio.h>
#include "bench/probe/result.h"
#include "bench/probe/sock.h"
#include "bench/probe/wait.h"
#include "common/cli/opt_rows.h"
#include "common/kernel/sock.h"

#define TIMER_TIME_WAIT 3 /* idiag_timer of a minisock */

struct options {
	struct probe_options common;
	uint64_t after_ns, linger2_ns;
};

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	GROUP("probe"),
	{ "after", 0, DURATION(after_ns), "50ms", "T", "look at the timers so long after the states were reached", NULL },
	{ "linger2", 0, DURATION(linger2_ns), "2s", "T", "TCP_LINGER2 of those that set it, whole seconds", NULL },
	PROBE_ROWS,
};

/* The four kinds: what is left on the client, which closes first. */
enum kind { TIME_WAIT, FIN_WAIT2, TIME_WAIT_LINGER2, FIN_WAIT2_LINGER2, KINDS };
static const struct {
	const char *left, *timer; /* figures */
	unsigned state;
	bool linger2;
} kinds[KINDS] = {
	[TIME_WAIT]         = { "time_wait_left_ms", "time_wait_timer", STATE_TIME_WAIT, false },
	[FIN_WAIT2]         = { "fin_wait2_left_ms", "fin_wait2_timer", STATE_FIN_WAIT2, false },
	[TIME_WAIT_LINGER2] = { "time_wait_linger2_left_ms", "time_wait_linger2_timer",
				STATE_TIME_WAIT, true },
	[FIN_WAIT2_LINGER2] = { "fin_wait2_linger2_left_ms", "fin_wait2_linger2_timer",
				STATE_FIN_WAIT2, true },
};

static const char *const figures[] = {
	"time_wait_left_ms", "time_wait_timer", "fin_wait2_left_ms", "fin_wait2_timer",
	"time_wait_linger2_left_ms", "time_wait_linger2_timer",
	"fin_wait2_linger2_left_ms", "fin_wait2_linger2_timer", NULL,
};
/* clang-format on */

struct scene {
	struct probe_run *run;         /* borrowed */
	struct probe_pair pair[KINDS]; /* owned */
	uint16_t port[KINDS];          /* of the clients */
	struct sock_diag_row row[KINDS];
	unsigned seen; /* bit k: row[k] is of now */
};

static int check(const struct probe_run *run, struct err *err)
{
	const struct options *o = run->options;

	if (o->linger2_ns % NS_PER_S || o->linger2_ns < NS_PER_S ||
	    o->linger2_ns > 60 * NS_PER_S)
		return err_usage(err, "--linger2 takes whole seconds from 1s to 60s");
	if (o->after_ns > 60 * NS_PER_S)
		return err_usage(err, "--after ends at 60s: nothing is left then");
	return 0;
}

/* ---- making them */

static void open_one(struct scene *s, enum kind k)
{
	struct probe_run *run = s->run;
	const struct options *o = run->options;
	struct probe_pair *p = &s->pair[k];

	probe_pair_need(run, p, "making a connection");
	if (kinds[k].linger2 && run->r == 0)
		probe_need(run,
			   -sock_set(p->client, IPPROTO_TCP, TCP_LINGER2,
				     (int)(o->linger2_ns / NS_PER_S)),
			   "making a connection");
	s->port[k] = addr_port(&p->from);
}

static void close_one(struct scene *s, enum kind k)
{
	struct probe_pair *p = &s->pair[k];

	probe_close(&p->client);
	probe_wait_eof(s->run, p->server);
	if (s->run->r == 0 && kinds[k].state == STATE_TIME_WAIT)
		probe_close(&p->server);
}

/* ---- looking at them */

static int note(const struct sock_diag_row *row, void *arg)
{
	struct scene *s = arg;

	for (unsigned k = 0; k < KINDS; k++) {
		if (row->local_port != s->port[k] || row->state != kinds[k].state)
			continue;
		s->row[k] = *row;
		s->seen |= 1u << k;
	}
	return 0;
}

static void look(struct scene *s)
{
	struct sock_diag_query q = {
		.states = 1u << STATE_TIME_WAIT | 1u << STATE_FIN_WAIT2,
		.n_local = KINDS,
	};

	for (unsigned k = 0; k < KINDS; k++)
		q.local[k] = (struct port_range){ s->port[k], s->port[k] };
	s->seen = 0;
	probe_diag(s->run, &q, note, s);
}

/* Waits until each is in its state; a socket that never comes there is reported as null. */
static void wait_for_all(struct scene *s)
{
	uint64_t deadline = clock_ns() + NS_PER_S;

	do
		look(s);
	while (s->seen != (1u << KINDS) - 1 && probe_pause(s->run, deadline));
}

/* How sock_diag's timer is called. */
static const char *timer_name(unsigned timer)
{
	static const char *const names[] = { "none", "retransmit", "keepalive",
					     "TIME_WAIT", "probe" };

	return timer < sizeof(names) / sizeof(names[0]) ? names[timer] : "unknown";
}

static void report(struct scene *s)
{
	for (unsigned k = 0; k < KINDS; k++) {
		if (!(s->seen >> k & 1))
			continue;
		probe_set_count(s->run, kinds[k].left, s->row[k].expires_ms);
		probe_set(s->run, kinds[k].timer,
			  json_string(timer_name(s->row[k].timer)));
	}
}

/* Over 60 s of tcp_fin_timeout the socket itself stays for a while, on its keepalive timer. */
static const char *left(const struct scene *s, enum kind k, char buf[64])
{
	const struct sock_diag_row *row = &s->row[k];

	if (!(s->seen >> k & 1))
		snprintf(buf, 64, "is gone");
	else if (row->timer == TIMER_TIME_WAIT)
		snprintf(buf, 64, "has %u ms left", row->expires_ms);
	else
		snprintf(buf, 64, "stays a socket for %u ms", row->expires_ms);
	return buf;
}

static void say(struct scene *s)
{
	char a[64], b[64], c[64], d[64];

	probe_finding(s->run,
		      "TIME_WAIT %s, FIN_WAIT2 %s; with TCP_LINGER2 TIME_WAIT %s, "
		      "FIN_WAIT2 %s.",
		      left(s, TIME_WAIT, a), left(s, FIN_WAIT2, b),
		      left(s, TIME_WAIT_LINGER2, c), left(s, FIN_WAIT2_LINGER2, d));
}

static void measure(struct probe_run *run)
{
	const struct options *o = run->options;
	struct scene s = { .run = run };

	for (unsigned k = 0; k < KINDS; k++)
		s.pair[k] = probe_pair(run, false);
	probe_listen(run, true);
	probe_step(run, "four connections, closed by the client");
	for (enum kind k = 0; k < KINDS; k++)
		open_one(&s, k);
	for (enum kind k = 0; k < KINDS; k++)
		close_one(&s, k);
	wait_for_all(&s);
	probe_sleep(run, o->after_ns);
	look(&s);
	if (run->r == 0) {
		report(&s);
		say(&s);
	}
	for (unsigned k = 0; k < KINDS; k++)
		probe_pair_close(&s.pair[k]);
}

const struct probe probe_lengths = {
	PROBE_PARTS("lengths", "[options]",
		    "How long TIME_WAIT and FIN_WAIT2 last, by the kernel.",
		    "  twstorm lab probe lengths\n"
		    "  twstorm lab probe lengths --linger2 5s\n"),
};
