#include "client/books_server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/record.h"
#include "common/kernel/addr_list.h"
#include "common/result/result.h"
#include "common/talk/proto_raw.h"

#define LISTENS_MAX 1024

/* Is it a wildcard with the port of the target? */
static bool is_wide(const char *listen, const struct addr *target)
{
	const char *port = strrchr(listen, ':');

	return port && strtoul(port + 1, NULL, 10) == addr_port(target) &&
	       (strncmp(listen, "0.0.0.0:", 8) == 0 || strncmp(listen, "[::]:", 5) == 0);
}

static enum books_reach reach_of(const char *const *listen, unsigned n,
				 const struct addr *target)
{
	enum books_reach reach = REACH_SOME;
	char text[ADDR_TEXT];

	addr_print(target, text, sizeof(text));
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(listen[i], text) == 0)
			return REACH_ALL;
		if (is_wide(listen[i], target))
			reach = REACH_WIDE;
	}
	return reach;
}

enum books_reach books_server_reach(const char *const *listen, unsigned n,
				    const struct addr_list *targets)
{
	enum books_reach least = REACH_ALL;

	if (addr_list_distinct(targets) == 1)
		return REACH_ALL; /* who asks a server knows its address, behind a NAT too */
	for (size_t i = 0; i < targets->n; i++) {
		enum books_reach reach = reach_of(listen, n, &targets->at[i]);

		least = reach > least ? reach : least;
	}
	return least;
}

void books_server_judge(struct books_server *out, enum books_reach reach, uint64_t ok,
			uint64_t maybe)
{
	uint64_t accepted = (uint64_t)out->accepted;

	if (reach == REACH_SOME || (reach == REACH_WIDE && accepted < ok))
		snprintf(out->why, sizeof(out->why),
			 "not every target is known to be the server that was asked: it "
			 "accepted %" PRIu64 ", %" PRIu64
			 " were connected to all of them",
			 accepted, ok);
	else if (accepted > ok + maybe)
		snprintf(out->why, sizeof(out->why),
			 "the server accepted %" PRIu64 " connections more than ours: "
			 "other programs connect there too",
			 accepted - ok);
}

void books_server_judge_own(struct books_server *out, uint64_t ok, uint64_t unnamed)
{
	uint64_t accepted = (uint64_t)out->accepted;

	if (accepted + unnamed < ok)
		out->accepted +=
			(int64_t)unnamed; /* ours, or some are missing all the more */
	else if (accepted < ok)
		snprintf(out->why, sizeof(out->why),
			 "the server accepted %" PRIu64 " of our connections for "
			 "certain, and %" PRIu64
			 " that sent nothing, ours or not: other programs connect "
			 "there too",
			 accepted, unnamed);
}

/* The answer's listeners; how many. */
static unsigned read_listens(const json_t *answer, const char *listen[LISTENS_MAX])
{
	const json_t *list = json_object_get(answer, "listen");
	unsigned n = 0;
	size_t i;
	json_t *v;

	json_array_foreach ((json_t *)list, i, v)
		if (json_is_string(v) && n < LISTENS_MAX)
			listen[n++] = json_string_value(v);
	return n;
}

static enum books_reach reach_by_answer(const struct client_record *run)
{
	const char *listen[LISTENS_MAX];
	unsigned n = read_listens(server_link_latest(run->link), listen);

	return books_server_reach(listen, n, &run->plan.targets);
}

/* Is the server that was asked the target, and the only one?  To another one its number would be
 * somebody else's, and over HTTP the target may be any server. */
static bool is_target(const struct client_record *run)
{
	const struct addr_list *targets = &run->plan.targets;
	const char *listen[LISTENS_MAX];
	unsigned n = read_listens(server_link_first(run->link), listen);
	bool all = true;

	for (size_t i = 0; i < targets->n; i++) {
		enum books_reach reach = reach_of(listen, n, &targets->at[i]);

		all &= reach == REACH_ALL ||
		       (reach == REACH_WIDE &&
			addr_same_host(&targets->at[i], &targets->at[0]));
	}
	return all;
}

/* A header that tells the server how to linger has no room for a run. */
static bool has_room(const struct client_plan *p)
{
	bool room = true;

	for (unsigned i = 0; i < p->mix.n; i++)
		room &= p->linger == LINGER_NONE ||
			!closing_moves_first(&p->mix.part[i].closing->server);
	return room;
}

void books_server_name_run(struct client_record *run)
{
	struct client_plan *p = &run->plan;
	unsigned number = server_link_number(run->link);

	if (number == 0 || number >= RAW_RUNS || p->o.requests == 0 || !is_target(run))
		return;
	if (p->o.proto == PROTO_RAW ? has_room(p)
				    : http_requests_name_run(&p->http, number))
		p->run = (uint8_t)number;
}

static int64_t counted(const struct client_record *run, const char *path)
{
	bool known;
	int64_t n = server_link_delta(run->link, path, &known);

	return known ? n : -1;
}

static uint64_t ours_at_least(const struct client_tally *sum)
{
	return tally_get(&sum->connects_ok);
}

/* We gave up while the SYN-ACK was on its way. */
static uint64_t ours_perhaps(const struct client_tally *sum)
{
	return tally_get(&sum->outcome[OUTCOME_CONNECT_TIMEOUT]) +
	       tally_get(&sum->outcome[OUTCOME_CUT_OFF]);
}

/* Alone, all that the server counted is ours, with what broke before it could name its run; if
 * it is known since when. */
void books_server_choose(struct client_record *run)
{
	struct client_tally sum;
	int64_t requests, own;
	uint64_t accepted;
	bool known;

	if (!run->link || !run->plan.run)
		return;
	client_tally_sum(run, &sum);
	requests = counted(run, "totals.requests");
	own = counted(run, "of_run.totals.requests");
	accepted = (uint64_t)server_link_delta(run->link, "totals.accepted", &known);
	if (own >= 0 && (!known || requests != own ||
			 accepted > ours_at_least(&sum) + ours_perhaps(&sum)))
		server_link_take_own(run->link);
}

void books_server_read(const struct client_record *run, const struct client_tally *sum,
		       struct books_server *out)
{
	bool known;

	*out = (struct books_server){ .asked = run->link };
	out->rsts_sent = out->accept_overflows = out->defer_drops = -1;
	server_link_count(run->link, &out->link);
	if (!run->link)
		return;
	out->accepted = server_link_delta(run->link, "totals.accepted", &known);
	if (!known) {
		snprintf(out->why, sizeof(out->why), "%s",
			 server_link_why_unknown(run->link));
		return;
	}
	out->rsts_sent = counted(run, "counters.Tcp.OutRsts");
	out->accept_overflows = counted(run, "counters.TcpExt.ListenOverflows");
	out->defer_drops = counted(run, "counters.TcpExt.TCPDeferAcceptDrop");
	if (server_link_is_own(run->link))
		books_server_judge_own(out, ours_at_least(sum),
				       (uint64_t)(counted(run, "all.accepted") -
						  counted(run, "all.named")));
	else
		books_server_judge(out, reach_by_answer(run), ours_at_least(sum),
				   ours_perhaps(sum));
}
