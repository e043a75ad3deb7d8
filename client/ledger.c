#include "client/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/record.h"
#include "client/server_link.h"
#include "common/talk/closing.h"

struct span {
	uint64_t least, most;
};

struct ledger {
	const struct client_record *run;
	const struct client_tally *sum;
	json_t *checks, *explanation;
	struct kernel_counters kernel; /* over the run, in the client's namespace */
	uint64_t others;               /* sockets of other programs seen in it */
	struct server_link_count link; /* connections of ours beside the run's */
	bool balanced, has_kernel;
};

/* "N sentence". */
static void explain(struct ledger *l, uint64_t n, const char *sentence)
{
	json_array_append_new(l->explanation,
			      json_sprintf("%" PRIu64 " %s", n, sentence));
}

/* Our figure, or the least and the most it can be, beside the same as `whose`. */
static void check(struct ledger *l, const char *what, struct span ours, const char *whose,
		  uint64_t figure, bool ok)
{
	json_t *mine = ours.least == ours.most
			       ? json_integer((json_int_t)ours.least)
			       : json_pack("[I, I]", (json_int_t)ours.least,
					   (json_int_t)ours.most);

	json_array_append_new(l->checks,
			      json_pack("{s:s, s:o, s:I, s:b}", "what", what, "ours",
					mine, whose, (json_int_t)figure, "ok", ok));
	l->balanced &= ok;
}

static struct span exactly(uint64_t n)
{
	return (struct span){ n, n };
}

static uint64_t over(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* The kernel counts a whole namespace: what it has over ours may be somebody else's, if
 * somebody else is there. */
static bool theirs(struct ledger *l, uint64_t more, const char *what)
{
	char text[200];

	if (more == 0 || l->others == 0)
		return more == 0;
	snprintf(text, sizeof(text),
		 "%s more than ours: other programs use this network namespace "
		 "(%" PRIu64 " other sockets seen)",
		 what, l->others);
	explain(l, more, text);
	return true;
}

static void check_outcomes(struct ledger *l)
{
	uint64_t started = tally_get(&l->sum->connects_started), sum = 0;

	for (int o = 0; o < OUTCOMES; o++)
		sum += tally_get(&l->sum->outcome[o]);
	check(l, "connections started = sum of outcomes", exactly(started), "sum", sum,
	      started == sum);
}

static uint64_t kernel(const struct ledger *l, enum kernel_counter c)
{
	return l->kernel.n[c];
}

static void check_opens(struct ledger *l)
{
	uint64_t syns = tally_get(&l->sum->syns), opens = kernel(l, KC_ActiveOpens);
	bool ok = opens >= syns &&
		  theirs(l, over(opens, syns + l->link.connects), "active opens");

	check(l, "SYNs sent = Tcp.ActiveOpens", exactly(syns), "kernel", opens, ok);
}

/* The kernel counts what the peer took of it. */
static void check_fastopen(struct ledger *l)
{
	uint64_t sent = tally_get(&l->sum->syns_with_data);
	uint64_t taken = kernel(l, KC_TCPFastOpenActive);

	if (l->run->plan.o.fastopen)
		check(l, "SYNs with data >= TcpExt.TCPFastOpenActive", exactly(sent),
		      "kernel", taken,
		      theirs(l, over(taken, sent), "Fast Open connections"));
}

static void add_span(struct span *sum, const struct closing_span *each, uint64_t n)
{
	sum->least += each->least * n;
	sum->most += each->most * n;
}

/* Entries to expect; connections that got a SYN out and did not end as planned may add one
 * at each end. */
static void expected_entries(const struct ledger *l, struct span *client,
			     struct span *server)
{
	uint64_t planned = 0, loose;

	*client = *server = (struct span){ 0, 0 };
	for (unsigned i = 1; i < n_closings; i++) {
		uint64_t n = tally_get(&l->sum->completed[i]);

		add_span(client, &closings[i].client_entries, n);
		add_span(server, &closings[i].server_entries, n);
		planned += n;
	}
	if (l->run->plan.linger == LINGER_FIN_WAIT2 && l->run->plan.linger_seconds < 0)
		client->least = server->least =
			0; /* RST instead, if the peer is not done */
	loose = tally_get(&l->sum->syns) - planned -
		tally_get(&l->sum->outcome[OUTCOME_REFUSED]);
	client->most += loose;
	server->most += loose;
}

static uint64_t entries_counted(const struct kernel_counters *k)
{
	return k->n[KC_TW] + k->n[KC_TWKilled] + k->n[KC_TCPTimeWaitOverflow];
}

static void check_time_wait(struct ledger *l)
{
	struct span client, server;
	uint64_t entered = entries_counted(&l->kernel), waiting;
	const struct tcp_states *end = &l->run->last.client;

	expected_entries(l, &client, &server);
	if (l->run->shared) {
		client.least += server.least;
		client.most += server.most;
	}
	client.most += l->link.hangups;
	/* Still on the way to TIME_WAIT at the last count. */
	waiting = end->n[STATE_FIN_WAIT1] + end->n[STATE_CLOSING];
	if (l->run->shared)
		waiting += l->run->last.server.n[STATE_FIN_WAIT1] +
			   l->run->last.server.n[STATE_CLOSING];
	check(l, "closes of ours = entries to TIME_WAIT (TW + TWKilled + overflow)",
	      client, "kernel", entered,
	      entered + waiting >= client.least &&
		      theirs(l, over(entered, client.most), "entries to TIME_WAIT"));
	/* The kernel counts no RST that comes after a FIN, so this explains and excuses not. */
	if (entered + waiting < client.least)
		explain(l, client.least - entered - waiting,
			"connections that were closed as those that go to TIME_WAIT "
			"never came to it, as when the peer sends RST, or more data "
			"after the FIN");
	if (kernel(l, KC_TCPTimeWaitOverflow))
		explain(l, kernel(l, KC_TCPTimeWaitOverflow),
			"connections were closed without TIME_WAIT: tcp_max_tw_buckets "
			"was reached (TcpExt.TCPTimeWaitOverflow)");
}

/* TIME_WAIT entered and neither recycled nor there: gone by age, or by RST (RFC 1337). */
static void explain_gone(struct ledger *l)
{
	const struct client_record *run = l->run;
	uint64_t gone, entered, there;
	struct span client, server;

	expected_entries(l, &client, &server);
	if (client.least != client.most || client.most == 0)
		return;
	entered = entries_counted(&l->kernel);
	if (entered > client.most)
		entered = client.most;
	entered += run->first.client.n[STATE_TIME_WAIT] +
		   run->first.client.n[STATE_FIN_WAIT2];
	there = run->last.client.n[STATE_TIME_WAIT] +
		run->last.client.n[STATE_FIN_WAIT2] + kernel(l, KC_TWRecycled) +
		kernel(l, KC_TCPTimeWaitOverflow);
	gone = over(entered, there);
	if (gone == 0)
		return;
	explain(l, gone,
		run->over_ns - run->begin_ns > 59 * NS_PER_S ||
				run->first.client.n[STATE_TIME_WAIT]
			? "TIME_WAIT sockets are gone again, most by age (60 s)"
			: "TIME_WAIT sockets were ended early by a RST of the peer "
			  "(TIME_WAIT assassination, RFC 1337; tcp_rfc1337=1 "
			  "prevents it)");
}

/* What is ours of a kind that others may have more of. */
static void check_at_most(struct ledger *l, const char *what, uint64_t ours,
			  enum kernel_counter c)
{
	if (ours)
		check(l, what, exactly(ours), "kernel", kernel(l, c),
		      kernel(l, c) >= ours);
}

static void check_resets(struct ledger *l)
{
	uint64_t ours = 0;

	for (unsigned i = 1; i < n_closings; i++)
		if (closing_sends_rst(&closings[i].client))
			ours += tally_get(&l->sum->completed[i]);
	check_at_most(l, "RST closes of ours <= Tcp.OutRsts", ours, KC_OutRsts);
}

/* Established for the client, but never accepted: why that can be, by the server's counters. */
static bool unseen(struct ledger *l, int64_t n)
{
	static const struct {
		const char *counter, *why;
	} reasons[] = {
		{ "ListenOverflows", "the accept queue overflowed" },
		{ "TCPDeferAcceptDrop", "they sent nothing, and the server was to wait "
					"for that (--defer-accept)" },
	};

	for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		char path[64], text[200];
		bool known;

		snprintf(path, sizeof(path), "counters.TcpExt.%s", reasons[i].counter);
		if (server_link_delta(l->run->link, path, &known) < n || !known)
			continue;
		snprintf(text, sizeof(text),
			 "connections were established for the client but never "
			 "accepted: %s (TcpExt.%s)",
			 reasons[i].why, reasons[i].counter);
		explain(l, (uint64_t)n, text);
		return true;
	}
	return false;
}

/* What the server says it accepted, against what we know was connected. */
static void check_server(struct ledger *l)
{
	bool known;
	int64_t accepted = server_link_delta(l->run->link, "totals.accepted", &known);
	int64_t ok = (int64_t)tally_get(&l->sum->connects_ok);
	bool fits;

	if (!known)
		return;
	/* More accepted than connected: the client gave up while the SYN-ACK was on its way. */
	fits = accepted == ok ||
	       (accepted > ok &&
		accepted - ok <=
			(int64_t)(tally_get(&l->sum->outcome[OUTCOME_CONNECT_TIMEOUT]) +
				  tally_get(&l->sum->outcome[OUTCOME_CUT_OFF])));
	if (!fits && accepted < ok)
		fits = unseen(l, ok - accepted);
	check(l, "connected = accepted by the server", exactly((uint64_t)ok), "server",
	      (uint64_t)accepted, fits);
}

/* Sockets that are alive: what listens or waits for its time to be over opens nothing. */
static uint64_t alive(const struct tcp_states *s)
{
	return tcp_states_total(s) - s->n[STATE_TIME_WAIT];
}

/* Signs of other programs in this namespace while the run lasted; the question to the
 * server's admin address, one or both ends of it here, is our own. */
static uint64_t other_sockets(const struct client_record *run)
{
	const struct tcp_states *a = &run->first.other, *b = &run->last.other;
	uint64_t known = run->link ? (run->shared ? 2 : 1) : 0;
	uint64_t most = alive(a) > alive(b) ? alive(a) : alive(b);

	return over(most, known) + over(b->n[STATE_TIME_WAIT], a->n[STATE_TIME_WAIT]);
}

json_t *ledger_json(const struct client_record *run, const struct client_tally *sum)
{
	struct ledger l = { .run = run, .sum = sum, .balanced = true };

	l.checks = json_array();
	l.explanation = json_array();
	l.has_kernel = run->sampler && !run->skeleton;
	check_outcomes(&l);
	if (l.has_kernel) {
		kernel_counters_diff(&run->last.counters, &run->first.counters,
				     &l.kernel);
		l.others = other_sockets(run);
		server_link_count(run->link, &l.link);
		check_opens(&l);
		check_fastopen(&l);
		check_time_wait(&l);
		explain_gone(&l);
		check_resets(&l);
		check_at_most(&l, "refused connects <= Tcp.AttemptFails",
			      tally_get(&sum->outcome[OUTCOME_REFUSED]), KC_AttemptFails);
	} else {
		json_array_append_new(
			l.explanation,
			json_sprintf("the kernel's counts are not known: %s",
				     run->no_states));
	}
	if (run->link)
		check_server(&l);
	return json_pack("{s:b, s:o, s:o}", "balanced", l.balanced, "explanation",
			 l.explanation, "checks", l.checks);
}
