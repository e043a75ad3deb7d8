#include "client/ledger.h"

#include "client/ledger_book.h"
#include "common/base/put.h"
#include "common/result/story.h"
#include "common/talk/closing.h"

void ledger_found(struct ledger *l, const char *what, uint64_t n)
{
	put_count(l->found, what, n);
}

void ledger_found_if_known(struct ledger *l, const char *what, int64_t n)
{
	put(l->found, what, n < 0 ? json_null() : json_integer(n));
}

/* Nothing, until it is. */
static json_t *nothing_found(void)
{
	json_t *found = json_object();

#define LEDGER_FOUND(name, ...) put_count(found, #name, 0);
#include "common/result/paths.def"
	return found;
}

void ledger_not_compared(struct ledger *l, const char *what, const char *reason)
{
	json_array_append_new(l->not_compared,
			      json_pack("{s:s, s:s}", "what", what, "reason", reason));
}

void ledger_check(struct ledger *l, const char *what, struct span ours, const char *whose,
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

static void check_outcomes(struct ledger *l)
{
	uint64_t started = tally_get(&l->sum->connects_started), sum = 0;

	for (int o = 0; o < OUTCOMES; o++)
		sum += tally_get(&l->sum->outcome[o]);
	ledger_check(l, "connections started = sum of outcomes", exactly(started), "sum",
		     sum, started == sum);
}

static uint64_t kernel(const struct ledger *l, enum kernel_counter c)
{
	return l->kernel.n[c];
}

/* A surplus is somebody else's.  Where nobody was seen, it may have come and gone between two counts of
 * sockets, or we have counted too few: that is not known. */
static void check_opens(struct ledger *l)
{
	static const char what[] = "SYNs sent = Tcp.ActiveOpens";
	uint64_t syns = tally_get(&l->sum->syns), opens = kernel(l, KC_ActiveOpens);
	uint64_t more = l->strange_opens.most;

	if (more && !l->others && !l->strangers)
		ledger_not_compared(
			l, what,
			"the kernel counted more, and whoever made them had no "
			"socket when sockets were counted");
	else
		ledger_check(l, what, exactly(syns), "kernel", opens, opens >= syns);
	if (l->others || l->strangers)
		ledger_found(l, "more_opens", more);
}

/* The kernel counts what the peer took of it. */
static void check_fastopen(struct ledger *l)
{
	uint64_t sent = tally_get(&l->sum->syns_with_data);
	uint64_t taken = kernel(l, KC_TCPFastOpenActive);
	bool theirs = taken > sent && (l->others || l->strangers);

	if (!l->run->plan.o.fastopen)
		return;
	ledger_check(l, "SYNs with data >= TcpExt.TCPFastOpenActive", exactly(sent),
		     "kernel", taken, taken <= sent || theirs);
	if (theirs)
		ledger_found(l, "more_fastopens", taken - sent);
}

/* What is ours of a kind that others may have more of. */
static void check_at_most(struct ledger *l, const char *what, uint64_t ours,
			  enum kernel_counter c)
{
	if (ours)
		ledger_check(l, what, exactly(ours), "kernel", kernel(l, c),
			     kernel(l, c) >= ours);
}

static uint64_t rst_closes(const struct client_tally *sum)
{
	uint64_t ours = 0;

	for (unsigned i = 1; i < n_closings; i++)
		if (closing_sends_rst(&closings[i].client))
			ours += tally_get(&sum->completed[i]);
	return ours;
}

/* Established for the client, but never accepted: can that be, by the server's counters? */
static bool unseen(struct ledger *l, uint64_t n)
{
	const struct books_server *server = &l->facts->server;
	/* A request to a connection that was dropped is sent again. */
	bool resent = l->run->plan.o.requests == 0 || !l->run->sampler ||
		      kernel(l, KC_RetransSegs) > 0;
	bool overflowed = resent && server->accept_overflows >= (int64_t)n;

	if (!overflowed && server->defer_drops < (int64_t)n)
		return false;
	ledger_found(l, "never_accepted", n);
	if (overflowed)
		ledger_found_if_known(l, "accept_overflows", server->accept_overflows);
	else
		ledger_found_if_known(l, "defer_drops", server->defer_drops);
	return true;
}

/* What the server says it accepted, against what we know was connected. */
static void check_server(struct ledger *l)
{
	static const char what[] = "connected = accepted by the server";
	const struct books_server *server = &l->facts->server;
	uint64_t ok = tally_get(&l->sum->connects_ok);
	uint64_t accepted = (uint64_t)server->accepted;

	if (server->why[0])
		ledger_not_compared(l, what, server->why);
	else
		ledger_check(l, what, exactly(ok), "server", accepted,
			     accepted >= ok || unseen(l, ok - accepted));
}

/* Sockets that are alive: what listens or waits for its time to be over opens nothing. */
static uint64_t alive(const struct tcp_states *s)
{
	return tcp_states_total(s) - s->n[STATE_TIME_WAIT];
}

/* TIME_WAIT that others left: what was in FIN_WAIT2 may have come to it without an entry, and what
 * came while the sockets were first counted was counted before the counters were read. */
static uint64_t others_entered(const struct ledger *l)
{
	const struct tcp_states *a = &l->run->first.other, *b = &l->run->last.other;

	return ledger_over(b->n[STATE_TIME_WAIT],
			   a->n[STATE_TIME_WAIT] + a->n[STATE_FIN_WAIT2] +
				   l->run->first.meanwhile.entries +
				   l->facts->server.link.hangups);
}

/* Signs of other programs in this namespace while the run lasted; the question to the
 * server's admin address, one or both ends of it here, is our own. */
static uint64_t other_sockets(const struct ledger *l)
{
	uint64_t a = alive(&l->run->first.other), b = alive(&l->run->last.other);
	bool asks = l->run->link && !l->facts->server.link.elsewhere;
	uint64_t known = asks ? (l->run->shared ? 2 : 1) : 0;

	return ledger_over(a > b ? a : b, known) + others_entered(l);
}

/* More sockets to our targets than we have made, and than were there: somebody else's. */
static uint64_t strangers(const struct ledger *l)
{
	uint64_t started = tally_get(&l->sum->connects_started);
	uint64_t syns = tally_get(&l->sum->syns);

	return ledger_over(tcp_states_total(&l->run->last.client),
			   tcp_states_total(&l->run->first.client) +
				   (started > syns ? started : syns));
}

/* What others may have opened, accepted and closed in this namespace. */
static void weigh_others(struct ledger *l)
{
	const struct client_record *run = l->run;
	const struct server_link_count *link = &l->facts->server.link;
	uint64_t passive = kernel(l, KC_PassiveOpens);

	if (run->shared)
		passive = ledger_over(passive,
				      tally_get(&l->sum->connects_ok) + link->connects);
	l->others = other_sockets(l);
	l->strangers = strangers(l);
	ledger_found(l, "others", l->others);
	ledger_found(l, "strangers", l->strangers);
	l->strange_opens.most = ledger_over(kernel(l, KC_ActiveOpens),
					    tally_get(&l->sum->syns) + link->connects);
	l->strange_closes.most = ledger_over(
		alive(&run->first.client) + alive(&run->first.other) +
			run->first.meanwhile.opens + l->strange_opens.most + passive +
			link->connects + run->last.meanwhile.entries,
		alive(&run->last.other) + link->hangups);
	l->strange_closes.least = others_entered(l);
}

json_t *ledger_json(const struct client_record *run, const struct client_tally *sum,
		    const struct ledger_facts *facts)
{
	struct ledger l = { .run = run, .sum = sum, .facts = facts, .balanced = true };

	l.checks = json_array();
	l.found = nothing_found();
	l.not_compared = json_array();
	if (!run->live)
		check_outcomes(&l);
	if (run->live) {
		ledger_not_compared(
			&l,
			"what began = what ended, here, by the kernel and on the server",
			"the run goes on");
	} else if (run->sampler && !run->skeleton) {
		kernel_counters_diff(&run->last.counters, &run->first.counters,
				     &l.kernel);
		l.resets = rst_closes(sum);
		weigh_others(&l);
		check_opens(&l);
		check_fastopen(&l);
		ledger_time_wait(&l);
		check_at_most(&l, "RST closes of ours <= Tcp.OutRsts", l.resets,
			      KC_OutRsts);
		check_at_most(&l, "refused connects <= Tcp.AttemptFails",
			      tally_get(&sum->outcome[OUTCOME_REFUSED]), KC_AttemptFails);
	} else if (!run->skeleton) {
		ledger_not_compared(&l, "our counts = the kernel's", run->no_states);
	}
	if (facts->server.asked && !run->live)
		check_server(&l);
	return json_pack("{s:b, s:o, s:o, s:o, s:o}", "balanced", l.balanced,
			 "explanation", story_of_ledger(l.found), "found", l.found,
			 "not_compared", l.not_compared, "checks", l.checks);
}
