#include "client/report_end.h"

#include <stdio.h>
#include <string.h>

#include "client/record.h"
#include "client/server_link.h"

/* So many in a row: one or two may be a filter's, or a full queue's.  If some were turned away before, and others
 * not, it takes twice as many as ever then, but no more than this. */
#define LOST_AFTER  3
#define SURELY_LOST 100

static bool turns_all_away(const struct target_tally *t)
{
	uint64_t need = 2 * tally_get(&t->turned_away_before);

	if (need < LOST_AFTER)
		need = LOST_AFTER;
	if (need > SURELY_LOST)
		need = SURELY_LOST;
	return tally_get(&t->turned_away) >= need &&
	       tally_get(&t->last_away_ns) >= tally_get(&t->last_ok_ns);
}

/* The server, which accepted all that we connected, answers, and TCP on its host sent no RST: whoever turned
 * us away was a firewall, of ours perhaps. */
static bool was_not_the_server(const struct client_record *run,
			       const struct client_tally *sum)
{
	bool known;
	int64_t accepted = server_link_delta(run->link, "totals.accepted", &known);

	if (!known || accepted < (int64_t)tally_get(&sum->connects_ok))
		return false;
	return server_link_delta(run->link, "counters.Tcp.OutRsts", &known) == 0 && known;
}

/* Did each target turn away all that came to it at the end?  Silence is no proof, nor is anything
 * that this host said: the way to the server may be gone. */
static bool peer_lost(const struct client_record *run, const struct client_tally *sum)
{
	bool any = false;

	if (was_not_the_server(run, sum))
		return false;
	for (unsigned i = 0; i < run->plan.books.n; i++) {
		struct target_tally t;

		client_tally_target(run, i, &t);
		if (tally_get(&t.started) == 0)
			continue;
		any = true;
		if (!turns_all_away(&t))
			return false;
	}
	return any;
}

/* The first of the largest. */
static int most_of(const tally_t *n, int count)
{
	int most = 0;

	for (int i = 1; i < count; i++)
		if (tally_get(&n[i]) > tally_get(&n[most]))
			most = i;
	return most;
}

/* With the error that was met most, which is what the reader has to look into. */
static void say_never_connected(const struct client_record *run,
				const struct client_tally *sum, char *why, size_t size)
{
	const struct tally_errnos *e = &sum->failed[STAGE_CONNECT];
	enum outcome o = (enum outcome)most_of(sum->outcome, OUTCOMES);
	char target[ADDR_TEXT];
	int most = most_of(e->n, TALLY_ERRNOS);

	addr_print(&run->plan.targets.at[0], target, sizeof(target));
	if (o == OUTCOME_NO_SOURCE || o == OUTCOME_COLLISION ||
	    o == OUTCOME_SELF_CONNECTED)
		snprintf(why, size, "nothing ever connected to %s: %s (%s)", target,
			 outcome_what(o), outcome_name(o));
	else if (tally_get(&e->n[most]))
		snprintf(why, size, "nothing ever connected to %s: %s (%s)", target,
			 strerrorname_np(most), strerror(most));
	else
		snprintf(why, size, "nothing ever connected to %s", target);
}

/* Connected, and never understood.  Where no response is asked for, to have connected is all there
 * is to it, unless each connection was spoilt by bytes that nobody asked for. */
static bool no_response(const struct client_record *run, const struct client_tally *sum)
{
	const struct client_plan *plan = &run->plan;

	if (plan->o.requests > 0 &&
	    (plan->o.proto == PROTO_HTTP || plan->o.response_size > 0))
		return tally_get(&sum->transactions_ok) == 0;
	return tally_get(&sum->outcome[OUTCOME_BAD_RESPONSE]) > 0 &&
	       tally_get(&sum->outcome[OUTCOME_COMPLETED]) +
			       tally_get(&sum->outcome[OUTCOME_LEAKED]) ==
		       0;
}

/* In OpenSSL's words; "" = it had nothing to say. */
static const char *tls_reason(const struct client_record *run)
{
	const char *most = "";
	uint64_t n = 0;

	for (unsigned i = 0; run->plan.tls && i < run->plan.workers; i++)
		tls_names_most(&tls_thread_counts(run->workers[i]->tls)->reasons, &most,
			       &n);
	return most;
}

static void say_no_response(const struct client_record *run,
			    const struct client_tally *sum, char *why, size_t size)
{
	enum outcome o = (enum outcome)most_of(sum->outcome, OUTCOMES);
	const char *reason = tls_reason(run);
	char target[ADDR_TEXT];
	int n;

	addr_print(&run->plan.targets.at[0], target, sizeof(target));
	n = snprintf(why, size, "no complete response ever came from %s: %s (%s)%s%s",
		     target, outcome_what(o), outcome_name(o),
		     *reason ? "; OpenSSL says: " : "", reason);
	if (o == OUTCOME_BAD_RESPONSE && run->plan.o.proto == PROTO_RAW && n > 0 &&
	    (size_t)n < size)
		snprintf(why + n, size - (size_t)n,
			 ".  Is it a twstorm server?  HTTP servers are for --proto http");
}

bool report_complete(const struct client_record *run, const char **code, char *why,
		     size_t size)
{
	struct client_tally sum;

	client_tally_sum(run, &sum);
	*code = NULL;
	if (run->live) {
		*code = "running";
		snprintf(why, size, "the run goes on");
	} else if (run->signal) {
		*code = "interrupted";
		snprintf(why, size, "interrupted by SIG%s", sigabbrev_np(run->signal));
	} else if (tally_get(&sum.connects_ok) == 0) {
		*code = "never_connected";
		say_never_connected(run, &sum, why, size);
	} else if (no_response(run, &sum)) {
		*code = "no_response";
		say_no_response(run, &sum, why, size);
	} else if (peer_lost(run, &sum)) {
		*code = "peer_lost";
		snprintf(why, size,
			 "the server stopped answering %.1f s before the end: it refused "
			 "or "
			 "reset each connection",
			 (double)(run->over_ns - tally_get(&sum.last_ok_ns)) / NS_PER_S);
	} else if (run->link && server_link_trouble(run->link)[0]) {
		*code = "server_stats_lost";
		snprintf(why, size, "--server-stats: %s", server_link_trouble(run->link));
	}
	return !*code;
}
