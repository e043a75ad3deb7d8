/* The ledger on made-up counts: who is missed, who is explained, and what cannot be compared. */
#include "client/ledger.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include "tests/check_main.h"

#define FIN  1  /* --close client-fin */
#define LEAK 11 /* --close server-leak: FIN_WAIT2 stays here */
#define SFIN 2  /* --close server-fin: TIME_WAIT is there */

/* Counts of one run: what is not said is 0. */
struct row {
	const char *what;
	unsigned how;           /* the strategy of our connections */
	uint64_t ours, aborted; /* completed as planned; with a SYN, and not */
	uint64_t left;          /* of ours: the server was to close, and we did */
	uint64_t opens, tw, overflow, recycled, rsts, data; /* the kernel's */
	uint64_t before, there, fin_wait2_full; /* sockets to our targets: TIME_WAIT */
	uint64_t fin_wait2;                     /* FIN_WAIT2 of them, all, now */
	uint64_t meanwhile; /* entries while sockets were first counted */
	uint64_t other, other_alive, other_alive_before; /* others': TIME_WAIT, alive */
	struct server_link_count link;
	bool rfc1337;
	double seconds, fin_timeout_s; /* 2, 60 */
	bool told;                     /* the server told of its RSTs */
	int64_t peer_rsts;
	/* What is said. */
	bool balanced;
	unsigned not_compared;
	const char *says, *silent;
};

/* clang-format off */
#define N 1000
#define ALONE .how = FIN, .ours = N
static const struct row rows[] = {
	{ "nothing odd", ALONE, .opens = N, .tw = N, .there = N,
	  .balanced = true, .silent = " " },
	{ "a SYN that the kernel did not count", ALONE, .opens = N - 1, .tw = N, .there = N },
	{ "SYNs of somebody who left no socket", ALONE, .opens = N + 40, .tw = N, .there = N,
	  .balanced = true, .not_compared = 2, .silent = "active opens more" },
	{ "33 never came to TIME_WAIT", ALONE, .opens = N, .tw = N - 33, .there = N - 33,
	  .says = "33 connections", .silent = "RST of the peer" },
	{ "33 never came to it, and others made 60", ALONE, .opens = N + 60, .tw = N + 27, .there = N - 33,
	  .other = 60, .says = "33 connections", .silent = "60 s" },
	{ "33 never came, and as many others as hide it", ALONE, .opens = N + 33, .tw = N, .there = N - 33,
	  .other = 33, .says = "33 connections" },
	{ "three of others' came to TIME_WAIT while sockets were first counted", ALONE, .opens = N + 57, .tw = N + 57, .there = N,
	  .other = 60, .meanwhile = 3, .balanced = true, .silent = "never came" },
	{ "57 on the way to TIME_WAIT were reset by this host", ALONE, .opens = N, .tw = N - 57, .there = N - 57, .rsts = 57,
	  .balanced = true, .not_compared = 1, .silent = "never came" },
	{ "57 never came, and this host reset 56", ALONE, .opens = N, .tw = N - 57, .there = N - 57, .rsts = 56,
	  .says = "57 connections" },
	{ "others' connections are gone, and may hide 33", ALONE, .opens = N + 60, .tw = N + 27, .there = N - 33,
	  .other_alive = 1, .balanced = true, .not_compared = 1 },
	{ "others are here, ours are all there", ALONE, .opens = N + 60, .tw = N + 60, .there = N, .other = 60,
	  .balanced = true, .says = "60 active opens more than ours", .silent = "gone" },
	{ "others connect to our target", ALONE, .opens = N + 50, .tw = N + 50, .there = N + 50,
	  .balanced = true, .says = "other programs connect to our targets too" },
	{ "others connect to our target, and 10 of ours never came", ALONE, .opens = N + 50, .tw = N + 40, .there = N + 40,
	  .balanced = true, .not_compared = 1, .silent = "never came" },
	{ "sessions that last all run long hide nothing", ALONE, .opens = N, .tw = N, .there = N,
	  .other_alive = 5, .other_alive_before = 5, .balanced = true, .silent = " " },
	{ "the server was to close 300, and may have been first", ALONE, .left = 300, .opens = N, .tw = N - 120, .there = N - 120,
	  .balanced = true, .silent = " " },
	{ "... 100, and no more than those", ALONE, .left = 100, .opens = N, .tw = N - 120, .there = N - 120,
	  .says = "20 connections that should have" },
	{ "more entries than anybody can have made", ALONE, .opens = N, .tw = N + 5, .there = N },
	{ "questions asked anew", ALONE, .opens = N + 2, .tw = N, .there = N, .link = { 2, 2 },
	  .other_alive = 1, .other_alive_before = 1, .balanced = true, .silent = " " },
	{ "the server's RSTs were counted", ALONE, .opens = N, .tw = N - 3, .there = N - 3, .told = true, .peer_rsts = 3,
	  .says = "3 connections that should have gone to TIME_WAIT never came to it: the server's host sent" },
	{ "the peer sent none", ALONE, .opens = N, .tw = N - 3, .there = N - 3, .told = true, .peer_rsts = 0, .silent = "RSTs (" },
	{ "data came after the FIN", ALONE, .opens = N, .tw = N - 3, .there = N - 3, .data = 3,
	  .says = "data came after the FIN" },
	{ "a long tcp_fin_timeout", .how = LEAK, .ours = N, .opens = N, .fin_wait2 = N, .fin_wait2_full = N,
	  .fin_timeout_s = 120, .balanced = true, .silent = " " },
	{ "FIN_WAIT2 that is old", .how = LEAK, .ours = N, .told = true, .peer_rsts = 0, .opens = N, .tw = N, .fin_wait2 = 400,
	  .fin_timeout_s = 1, .balanced = true, .says = "600 sockets are gone again that were in FIN_WAIT2", .silent = "RST" },
	{ "FIN_WAIT2 that cannot be old", .how = LEAK, .ours = N, .told = true, .peer_rsts = 0, .opens = N, .tw = N, .fin_wait2 = 400,
	  .balanced = true, .says = "600 TIME_WAIT or FIN_WAIT2 sockets were ended from outside" },
	{ "FIN_WAIT2, of which a RST is the end", .how = LEAK, .ours = N, .rfc1337 = true, .opens = N, .tw = N, .fin_wait2 = 400,
	  .balanced = true, .says = "or from outside", .silent = "tcp_rfc1337=1" },
	{ "a few FIN_WAIT2 are old, more have ended", ALONE, .told = true, .opens = N, .tw = N, .there = 49, .fin_wait2 = 1,
	  .fin_timeout_s = 1, .balanced = true, .says = "947 TIME_WAIT or FIN_WAIT2 sockets were ended from outside" },
	{ "ended, and no RST came", ALONE, .opens = N, .tw = N, .there = 50, .told = true, .peer_rsts = 0, .balanced = true, .says =
	  "950 TIME_WAIT sockets were ended from outside", .silent = "by a RST of the peer" },
	{ "ended, and this host sent RSTs", ALONE, .opens = N, .tw = N, .there = 50, .told = true, .peer_rsts = 0, .rsts = 950,
	  .balanced = true, .says = "950 TIME_WAIT sockets were ended early: by data that came after this end's close" },
	{ "ended, and a RST cannot do it", ALONE, .opens = N, .tw = N, .there = 50, .rfc1337 = true, .balanced = true,
	  .says = "950 TIME_WAIT sockets were ended from outside", .silent = "by a RST of the peer" },
	{ "ended, and RSTs came", ALONE, .opens = N, .tw = N, .there = 50, .balanced = true, .told = true, .peer_rsts = 950,
	  .says = "950 TIME_WAIT sockets were ended early by a RST of the peer" },
	{ "ended, and who knows", ALONE, .opens = N, .tw = N, .there = 50, .balanced = true,
	  .says = "or from outside" },
	{ "fewer RSTs than TIME_WAIT that ended", ALONE, .opens = N, .tw = N, .there = 50, .balanced = true, .told = true, .peer_rsts = 3,
	  .says = "950 TIME_WAIT sockets were ended early: at most 3 by a RST" },
	{ "those from before are old", ALONE, .opens = N, .tw = N, .before = 10, .there = N, .balanced = true,
	  .says = "10 TIME_WAIT sockets are gone again", .silent = "ended" },
	{ "more are gone than are from before", ALONE, .opens = N, .tw = N, .before = 10, .there = N - 5, .balanced = true,
	  .told = true, .peer_rsts = 0, .says = "5 TIME_WAIT sockets were ended from outside" },
	{ "a run of a minute", ALONE, .opens = N, .tw = N, .there = 50, .seconds = 61, .balanced = true,
	  .says = "950 TIME_WAIT sockets are gone again" },
	{ "recycled ports", ALONE, .opens = N, .tw = N, .there = 50, .recycled = 950, .balanced = true, .silent = " " },
	{ "the buckets are full of ours", ALONE, .opens = N, .tw = 50, .overflow = 950, .there = 50, .balanced = true,
	  .says = "950 connections were closed without TIME_WAIT" },
	{ "the buckets are full of others'", .how = SFIN, .ours = N, .opens = N + 250, .tw = 50, .overflow = 200,
	  .other = 50, .balanced = true, .says = "by none of ours", .silent = "200 connections were closed" },
	{ "the buckets are full, ours are all there", ALONE, .opens = N + 250, .tw = N + 250 - 200, .overflow = 200, .there = N,
	  .other = 50, .balanced = true, .says = "200 times", .silent = "200 connections" },
	{ "the buckets are full of whose", ALONE, .opens = N + 250, .tw = N, .overflow = 250, .there = N - 50, .other = 50,
	  .balanced = true, .says = "0 to 250 are ours" },
	{ "fewer SYNs than closes is no number below 0", .how = FIN, .ours = N, .aborted = 0, .opens = N, .tw = N,
	  .there = N, .balanced = true, .silent = "18446744" },
};
/* clang-format on */

static json_t *ledger_of(const struct row *r)
{
	static struct client_record run; /* zeroed: each row has its own process */
	struct client_tally sum = { 0 };
	struct ledger_facts facts = { .rfc1337 = r->rfc1337 };
	struct kernel_counters *k = &run.last.counters;

	run.sampler = (struct sampler *)&run; /* only whether there is one */
	run.link = r->link.connects ? (struct server_link *)&run : NULL;
	run.first.counters.known = k->known = ~0ull;
	k->n[KC_ActiveOpens] = r->opens;
	k->n[KC_TW] = r->tw;
	k->n[KC_TCPTimeWaitOverflow] = r->overflow;
	k->n[KC_TWRecycled] = r->recycled;
	k->n[KC_OutRsts] = r->rsts;
	k->n[KC_TCPAbortOnData] = r->data;
	run.first.client.n[STATE_TIME_WAIT] = r->before;
	run.last.client.n[STATE_TIME_WAIT] = r->there;
	run.last.client.n[STATE_FIN_WAIT2] = r->fin_wait2;
	run.sampled.client_peak.n[STATE_FIN_WAIT2] = r->fin_wait2;
	run.last.fin_wait2_full = r->fin_wait2_full;
	run.first.other.n[STATE_ESTABLISHED] = r->other_alive_before;
	run.last.other.n[STATE_ESTABLISHED] = r->other_alive;
	run.last.other.n[STATE_TIME_WAIT] = r->other;
	run.first.meanwhile.entries = r->meanwhile;
	run.begin_ns = NS_PER_S;
	run.last.t_ns = (uint64_t)((1 + (r->seconds ? r->seconds : 2)) * NS_PER_S);
	run.facts.fin_timeout_s = r->fin_timeout_s ? r->fin_timeout_s : 60;
	tally_set(&sum.connects_started, r->ours + r->aborted);
	tally_set(&sum.syns, r->ours + r->aborted);
	tally_set(&sum.connects_ok, r->ours);
	tally_set(&sum.outcome[OUTCOME_COMPLETED], r->ours);
	tally_set(&sum.outcome[OUTCOME_RESET], r->aborted);
	tally_set(&sum.completed[r->how], r->ours);
	tally_set(&sum.http_close_left, r->left);
	facts.server.rsts_sent = r->told ? r->peer_rsts : -1;
	facts.server.link = r->link;
	return ledger_json(&run, &sum, &facts);
}

TEST_ROWS(the_ledger_says, rows)
{
	json_t *l = ledger_of(row);
	char *text = json_dumps(json_object_get(l, "explanation"), JSON_COMPACT);
	char *all = json_dumps(l, JSON_COMPACT);

	ck_assert_msg(json_is_true(json_object_get(l, "balanced")) == row->balanced,
		      "%s: %s", row->what, all);
	ck_assert_msg(json_array_size(json_object_get(l, "not_compared")) ==
			      row->not_compared,
		      "%s: %s", row->what, all);
	ck_assert_msg(!row->says || strstr(text, row->says), "%s: %s", row->what, text);
	ck_assert_msg(!row->silent || !strstr(text, row->silent), "%s: %s", row->what,
		      text);
	free(text);
	free(all);
	json_decref(l);
}

/* clang-format off */
static const struct {
	const char *what, *targets, *listen[3];
	enum books_reach reach;
} reached[] = {
	{ "its address", "198.18.0.11:9000,198.18.0.11:9001", { "198.18.0.11:9000", "198.18.0.11:9001" }, REACH_ALL },
	{ "one of two", "198.18.0.11:9000,198.18.0.12:9000", { "198.18.0.11:9000" }, REACH_SOME },
	{ "one target, wherever it is", "198.18.0.12:9000", { "10.0.0.1:80" }, REACH_ALL },
	{ "a target twice", "198.18.0.12:9000,198.18.0.12:9000", { "10.0.0.1:80" }, REACH_ALL },
	{ "every address", "198.18.0.11:9000,198.18.0.12:9000", { "0.0.0.0:9000" }, REACH_WIDE },
	{ "every address, another port", "198.18.0.11:9000,198.18.0.12:9001", { "[::]:9000" }, REACH_SOME },
};
/* clang-format on */

TEST_ROWS(who_was_asked, reached)
{
	struct addr_list targets;
	unsigned n = 0;

	while (row->listen[n])
		n++;
	ck_assert_int_eq(addr_parse_list(row->targets, false, &targets, NULL), 0);
	ck_assert_msg(books_server_reach(row->listen, n, &targets) == row->reach, "%s",
		      row->what);
	addr_list_done(&targets);
}

/* clang-format off */
static const struct {
	const char *what;
	enum books_reach reach;
	int64_t accepted;
	uint64_t maybe;
	const char *why; /* NULL = can be compared */
} accepted[] = {
	{ "each", REACH_ALL, N, 0, NULL },
	{ "fewer is no excuse", REACH_ALL, N - 1, 0, NULL },
	{ "some that we gave up", REACH_ALL, N + 3, 3, NULL },
	{ "another client's, too", REACH_ALL, N + 4, 3, "4 connections more" },
	{ "one of two targets", REACH_SOME, N / 2, 0, "not every target" },
	{ "one of two targets, as many by chance", REACH_SOME, N, 0, "not every target" },
	{ "the port is its own on both", REACH_WIDE, N, 0, NULL },
	{ "the port is its own, perhaps elsewhere", REACH_WIDE, N / 2, 0, "not every target" },
};
/* clang-format on */

TEST_ROWS(the_server_s_counts, accepted)
{
	struct books_server s = { .accepted = row->accepted };

	books_server_judge(&s, row->reach, N, row->maybe);
	ck_assert_msg(row->why ? strstr(s.why, row->why) != NULL : !s.why[0], "%s: %s",
		      row->what, s.why);
}

/* clang-format off */
static const struct {
	const char *what;
	int64_t accepted, figure; /* that named our run; what is compared */
	uint64_t unnamed;
	const char *why;
} own[] = {
	{ "each", N, N, 40, NULL },
	{ "some broke before they said so, or are another's", N - 5, N - 5, 5, "95 of our connections for certain, and 5" },
	{ "fewer is no excuse, whoever is there", N - 5, N - 1, 4, NULL },
	{ "one more, of one that we gave up", N + 1, N + 1, 0, NULL },
};
/* clang-format on */

TEST_ROWS(what_named_our_run, own)
{
	struct books_server s = { .accepted = row->accepted };

	books_server_judge_own(&s, N, row->unnamed);
	ck_assert_msg(row->why ? strstr(s.why, row->why) != NULL : !s.why[0], "%s: %s",
		      row->what, s.why);
	ck_assert_msg(s.accepted == row->figure, "%s", row->what);
}

/* clang-format off */
static const struct {
	const char *what;
	int64_t accepted, overflows, defer_drops;
	uint64_t resent;
	const char *why, *says;
	bool balanced;
} unseen[] = {
	{ "all are accepted", N, 0, 0, 0, "", NULL, true },
	{ "some are not", N - 5, 0, 0, 9, "", NULL, false },
	{ "the queue overflowed", N - 5, 7, 0, 9, "", "5 connections were established for the client but never", true },
	{ "it overflowed, for others: nothing was sent again", N - 5, 7, 0, 0, "", NULL, false },
	{ "it overflowed too rarely", N - 5, 4, 0, 9, "", NULL, false },
	{ "they were not to be shown", N - 5, -1, 5, 0, "", "TCPDeferAcceptDrop", true },
	{ "its counts are of another start", 3, -1, -1, 0, "it was started anew", NULL, true },
};
/* clang-format on */

TEST_ROWS(connected_and_never_accepted, unseen)
{
	static struct client_record run;
	struct client_tally sum = { 0 };
	struct ledger_facts facts = { .server = { .asked = true } };
	json_t *l;
	char *text;

	run.sampler = (struct sampler *)&run;
	run.plan.o.requests = 1;
	run.first.counters.known = run.last.counters.known = ~0ull;
	run.last.counters.n[KC_RetransSegs] = row->resent;
	tally_set(&sum.connects_ok, N);
	facts.server.accepted = row->accepted;
	facts.server.accept_overflows = row->overflows;
	facts.server.defer_drops = row->defer_drops;
	snprintf(facts.server.why, sizeof(facts.server.why), "%s", row->why);
	l = ledger_json(&run, &sum, &facts);
	text = json_dumps(l, JSON_COMPACT);
	ck_assert_msg(json_is_true(json_object_get(l, "balanced")) == row->balanced,
		      "%s: %s", row->what, text);
	ck_assert_msg(!row->says || strstr(text, row->says), "%s: %s", row->what, text);
	ck_assert_msg(!row->why[0] || strstr(text, row->why), "%s: %s", row->what, text);
	free(text);
	json_decref(l);
}

CHECK_MAIN("ledger")
