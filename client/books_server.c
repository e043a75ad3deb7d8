#include "client/books_server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/record.h"
#include "common/kernel/addr_list.h"
#include "common/result/result.h"

#define LISTENS_MAX 64

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

static enum books_reach reach_by_answer(const struct client_record *run)
{
	const json_t *list = json_object_get(server_link_latest(run->link), "listen");
	const char *listen[LISTENS_MAX];
	unsigned n = 0;
	size_t i;
	json_t *v;

	json_array_foreach ((json_t *)list, i, v)
		if (json_is_string(v) && n < LISTENS_MAX)
			listen[n++] = json_string_value(v);
	return books_server_reach(listen, n, &run->plan.targets);
}

static int64_t counted(const struct client_record *run, const char *path)
{
	bool known;
	int64_t n = server_link_delta(run->link, path, &known);

	return known ? n : -1;
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
	/* More accepted than connected: we gave up while the SYN-ACK was on its way. */
	books_server_judge(out, reach_by_answer(run), tally_get(&sum->connects_ok),
			   tally_get(&sum->outcome[OUTCOME_CONNECT_TIMEOUT]) +
				   tally_get(&sum->outcome[OUTCOME_CUT_OFF]));
}
