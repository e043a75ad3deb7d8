/* A slot that speaks HTTP, against a server that answers as each row says: the outcome has a
 * name, the closing is the sender's, and every response is counted. */
#include "client/slot.h"

#include <string.h>
#include "common/talk/closing.h"
#include "tests/client/one_worker.h"

enum then { KEEP, FIN, RST, SILENCE, SURPLUS };

#define OK    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define CLOSE "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
#define DEEP  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define N     8 /* connections a row */

/* 25 bytes each, of the 16,384 that all heads of a response may have together. */
#define X4(text)      text text text text
#define X16(text)     X4(text) X4(text) X4(text) X4(text)
#define X64(text)     X16(text) X16(text) X16(text) X16(text)
#define X256(text)    X64(text) X64(text) X64(text) X64(text)
#define INTERIM       "HTTP/1.1 100 Continue\r\n\r\n"
#define INTERIM_CROWD X256(INTERIM) X256(INTERIM) X64(INTERIM) X64(INTERIM)
#define CROWD         640
#define INTERIM_FLOOD INTERIM_CROWD X64(INTERIM)
#define FLOOD         655 /* of 704 */

/* clang-format off */
static const struct {
	const char *what, *close, *answer;
	enum then then;         /* what the server does after it */
	unsigned requests;
	enum outcome outcome;
	const char *closed_as;  /* the strategy it ended by; NULL = none, A|B = one of them */
	unsigned status[6];     /* responses of each class, a connection */
	unsigned reused, ended_early;
	enum http_error malformed;
	unsigned missing;       /* bytes announced that never came, a connection */
} talks[] = {
	{ "a length", "client-fin", OK, KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "chunks", "client-fin", DEEP "5\r\nhello\r\n0\r\n\r\n", KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "keep-alive", "client-fin", OK, KEEP, 4, OUTCOME_COMPLETED, "client-fin", { [2] = 4 }, 3, 0, 0, 0 },
	{ "keep-alive, and FIN all the same", "client-fin", OK, FIN, 1, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "client-half", "client-half", OK, KEEP, 2, OUTCOME_COMPLETED, "client-half", { [2] = 2 }, 1, 0, 0, 0 },
	{ "client-rst", "client-rst", OK, KEEP, 1, OUTCOME_COMPLETED, "client-rst", { [2] = 1 }, 0, 0, 0, 0 },
	{ "the server says close", "client-fin", CLOSE, KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "... and closes", "client-fin", CLOSE, FIN, 1, OUTCOME_COMPLETED, "client-fin|server-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "... though more was to be asked", "client-fin", CLOSE, KEEP, 4, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 1, 0, 0 },
	{ "... to client-half", "client-half", CLOSE, KEEP, 1, OUTCOME_COMPLETED, "client-half", { [2] = 1 }, 0, 0, 0, 0 },
	{ "... to client-rst", "client-rst", CLOSE, KEEP, 1, OUTCOME_COMPLETED, "client-rst", { [2] = 1 }, 0, 0, 0, 0 },
	{ "... to client-rst, and closes", "client-rst", CLOSE, FIN, 1, OUTCOME_COMPLETED, "client-rst|passive-rst", { [2] = 1 }, 0, 0, 0, 0 },
	{ "... to client-unread, which has read it", "client-unread", CLOSE, KEEP, 2, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 1, 0, 0 },
	{ "... and waits for the client, as the client does", "server-fin", CLOSE, SILENCE, 1, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "... and a leak is none", "client-leak", CLOSE, SILENCE, 1, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "HTTP/1.0", "client-fin", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "until the end", "client-fin", "HTTP/1.1 200 OK\r\n\r\nhello", FIN, 1, OUTCOME_COMPLETED, "server-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "server-fin", "server-fin", CLOSE, FIN, 1, OUTCOME_COMPLETED, "server-fin", { [2] = 1 }, 0, 0, 0, 0 },
	{ "passive-rst", "passive-rst", CLOSE, FIN, 1, OUTCOME_COMPLETED, "passive-rst", { [2] = 1 }, 0, 0, 0, 0 },
	{ "client-leak", "client-leak", CLOSE, FIN, 1, OUTCOME_LEAKED, "client-leak", { [2] = 1 }, 0, 0, 0, 0 },
	{ "client-unread", "client-unread", OK, KEEP, 1, OUTCOME_COMPLETED, "client-unread", { 0 }, 0, 0, 0, 0 },
	{ "1xx and then some", "client-fin", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK, KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [1] = 2, [2] = 1 }, 0, 0, 0, 0 },
	{ "204", "client-fin", "HTTP/1.1 204 No Content\r\n\r\n", KEEP, 2, OUTCOME_COMPLETED, "client-fin", { [2] = 2 }, 1, 0, 0, 0 },
	{ "304", "client-fin", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [3] = 1 }, 0, 0, 0, 0 },
	{ "404", "client-fin", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [4] = 1 }, 0, 0, 0, 0 },
	{ "503", "client-fin", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [5] = 1 }, 0, 0, 0, 0 },
	/* and what goes wrong */
	{ "no answer, FIN", "client-fin", "", FIN, 1, OUTCOME_EARLY_EOF, NULL, { 0 }, 0, 0, 0, 0 },
	{ "no answer, RST", "client-fin", "", RST, 1, OUTCOME_RESET, NULL, { 0 }, 0, 0, 0, 0 },
	{ "no answer", "client-fin", "", SILENCE, 1, OUTCOME_TIMEOUT, NULL, { 0 }, 0, 0, 0, 0 },
	{ "the second is not answered", "client-fin", OK, SILENCE, 2, OUTCOME_TIMEOUT, NULL, { [2] = 1 }, 0, 0, 0, 0 },
	{ "half a head, FIN", "client-fin", "HTTP/1.1 200 O", FIN, 1, OUTCOME_TRUNCATED, NULL, { 0 }, 0, 0, 0, 0 },
	{ "half a head, RST", "client-fin", "HTTP/1.1 200 O", RST, 1, OUTCOME_TRUNCATED, NULL, { 0 }, 0, 0, 0, 0 },
	{ "half a body, FIN", "client-fin", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", FIN, 1, OUTCOME_TRUNCATED, NULL, { 0 }, 0, 0, 0, 4 },
	{ "half a body, RST", "client-fin", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", RST, 1, OUTCOME_TRUNCATED, NULL, { 0 }, 0, 0, 0, 4 },
	{ "half a body", "client-fin", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", SILENCE, 1, OUTCOME_TIMEOUT, NULL, { 0 }, 0, 0, 0, 4 },
	{ "half a chunk, RST", "client-fin", DEEP "5\r\nhel", RST, 1, OUTCOME_TRUNCATED, NULL, { 0 }, 0, 0, 0, 2 },
	{ "until the end, but RST", "client-fin", "HTTP/1.1 200 OK\r\n\r\nhello", RST, 1, OUTCOME_TRUNCATED, NULL, { 0 }, 0, 0, 0, 0 },
	{ "100 and no more", "client-fin", "HTTP/1.1 100 Continue\r\n\r\n", FIN, 1, OUTCOME_TRUNCATED, NULL, { [1] = 1 }, 0, 0, 0, 0 },
	{ "no HTTP", "client-fin", "220 mail.example.org ESMTP\r\n", KEEP, 1, OUTCOME_BAD_RESPONSE, NULL, { 0 }, 0, 0, HTTP_BAD_LINE, 0 },
	{ "101", "client-fin", "HTTP/1.1 101 Switching\r\n\r\n", KEEP, 1, OUTCOME_BAD_RESPONSE, NULL, { 0 }, 0, 0, HTTP_UNASKED, 0 },
	{ "two lengths", "client-fin", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", KEEP, 1, OUTCOME_BAD_RESPONSE, NULL, { 0 }, 0, 0, HTTP_LENGTHS_DIFFER, 0 },
	{ "more than announced", "client-fin", OK "x", KEEP, 1, OUTCOME_BAD_RESPONSE, NULL, { 0 }, 0, 0, HTTP_SURPLUS, 0 },
	{ "more than announced, late, to one that waits for FIN", "client-half", OK, SURPLUS, 1, OUTCOME_BAD_RESPONSE, NULL, { [2] = 1 }, 0, 0, HTTP_SURPLUS, 0 },
	{ "... after Connection: close", "client-half", CLOSE, SURPLUS, 1, OUTCOME_BAD_RESPONSE, NULL, { [2] = 1 }, 0, 0, HTTP_SURPLUS, 0 },
	{ "... as it was asked for", "server-fin", CLOSE, SURPLUS, 1, OUTCOME_BAD_RESPONSE, NULL, { [2] = 1 }, 0, 0, HTTP_SURPLUS, 0 },
	{ "content with 204, late", "client-half", "HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\n", SURPLUS, 1, OUTCOME_BAD_RESPONSE, NULL, { [2] = 1 }, 0, 0, HTTP_SURPLUS, 0 },
	{ "content with 204", "client-fin", "HTTP/1.1 204 No\r\nContent-Length: 1\r\n\r\nx", KEEP, 1, OUTCOME_BAD_RESPONSE, NULL, { 0 }, 0, 0, HTTP_SURPLUS, 0 },
	{ "1xx without end", "client-fin", INTERIM_FLOOD OK, KEEP, 1, OUTCOME_HEAD_TOO_LARGE, NULL, { [1] = FLOOD }, 0, 0, HTTP_HEAD_TOO_LARGE, 0 },
	{ "not quite without end", "client-fin", INTERIM_CROWD OK, KEEP, 1, OUTCOME_COMPLETED, "client-fin", { [1] = CROWD, [2] = 1 }, 0, 0, 0, 0 },
	{ "text, left unread", "client-unread", "220 mail", KEEP, 1, OUTCOME_BAD_RESPONSE, NULL, { 0 }, 0, 0, HTTP_BAD_LINE, 0 },
	{ "a chunk of 2^64", "client-fin", DEEP "10000000000000000\r\n", KEEP, 1, OUTCOME_BAD_CHUNK, NULL, { 0 }, 0, 0, HTTP_CHUNK_TOO_LARGE, 0 },
	{ "a chunk of nothing", "client-fin", DEEP "\r\n", KEEP, 1, OUTCOME_BAD_CHUNK, NULL, { 0 }, 0, 0, HTTP_BAD_CHUNK, 0 },
};
/* clang-format on */

static unsigned played;          /* which one the server plays */
static int surplus_on = 1 << 30; /* SURPLUS: on the first so many connections */

static bool read_request(int fd)
{
	char head[2048];
	size_t n = 0;

	while (n < sizeof(head) - 1) {
		ssize_t got = recv(fd, head + n, 1, 0);

		if (got <= 0)
			return false;
		head[++n] = '\0';
		if (n >= 4 && strcmp(head + n - 4, "\r\n\r\n") == 0)
			break;
	}
	ck_assert_ptr_eq(strstr(head, "GET /?a=b HTTP/1.1\r\nHost: 127.0.0.1:"), head);
	ck_assert_ptr_nonnull(strstr(head, "\r\nX-Test: yes\r\n"));
	return true;
}

/* Until the client has counted more than `n` responses of 2xx: what comes now comes by itself. */
static void wait_for_response(uint64_t n)
{
	for (int ms = 0; client_tally_class(&worker->tally, 2) <= n && ms < 10000; ms++)
		usleep(1000);
}

static void play(int fd)
{
	const char *answer = talks[played].answer;
	char rest[64];

	while (read_request(fd)) {
		uint64_t n = client_tally_class(&worker->tally, 2);

		ck_assert_int_eq(send(fd, answer, strlen(answer), MSG_NOSIGNAL),
				 (ssize_t)strlen(answer));
		if (talks[played].then == SURPLUS && accepted <= surplus_on) {
			wait_for_response(n);
			send(fd, "x", 1, MSG_NOSIGNAL);
		}
		if (talks[played].then == FIN || talks[played].then == RST)
			break;
		while (talks[played].then == SILENCE &&
		       recv(fd, rest, sizeof(rest), 0) > 0)
			;
	}
	closing_finish_fd(fd, talks[played].then == RST ? FINISH_RST : FINISH_CLOSE);
}

static void *server_thread(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		accepted++;
		play(fd);
	}
	return NULL;
}

static void make_plan(const char *close)
{
	const char *fields[] = { "X-Test: yes" };
	const struct opt_texts headers = { fields, 1 };
	const struct addr_list targets = { &target, 1 };
	const struct http_ask ask = { .path = "/?a=b", .headers = &headers };
	struct err err;

	plan = (struct client_plan){ .targets = targets,
				     .transport = &transport_tcp,
				     .o.proto = PROTO_HTTP,
				     .workers = 1,
				     .o.concurrency = 1,
				     .o.duration_ns = 20 * NS_PER_S,
				     .o.timeout_ns = 5 * NS_PER_S,
				     .limited = true,
				     .arrivals_limit = N,
				     .o.requests = 1,
				     .o.request_size = 1,
				     .o.response_size = 1,
				     .ranks = 1,
				     .seed = 1 };
	ck_assert_int_eq(closing_mix_parse(close, &plan.mix, &err), 0);
	ck_assert_int_eq(http_requests_make(&ask, &targets, &plan.http, &err), 0);
}

/* The server said that it closes, and the client did. */
static bool left_to_client(const char *closed_as)
{
	const char *answer = talks[played].answer;

	return (strstr(answer, "Connection: close") || strstr(answer, "HTTP/1.0")) &&
	       closing_moves_first(&closing_by_name(closed_as)->client);
}

static void check_closing(unsigned n)
{
	const char *as = talks[played].closed_as;
	bool either = as && strchr(as, '|');
	uint64_t closed = 0, left = tally_get(&worker->tally.http_close_left);

	for (unsigned i = 1; i < n_closings; i++)
		if (as && strstr(as, closings[i].name))
			closed += tally_get(&worker->tally.completed[i]);
	ck_assert_msg(closed == (as ? n : 0), "%s: %llu closed as %s", talks[played].what,
		      (unsigned long long)closed, as);
	ck_assert_msg(either || left == (as && left_to_client(as) ? n : 0),
		      "%s: %llu were left to us", talks[played].what,
		      (unsigned long long)left);
	ck_assert_uint_eq(tally_get(&worker->tally.http_close_awaited),
			  talks[played].then == SILENCE ? left : 0);
}

/* How long the client waits for a server that says nothing more.  Where there is something to
 * read before, it is read within this time even on a busy machine. */
static uint64_t patience_ns(int i)
{
	if (talks[i].then != SILENCE)
		return 5 * NS_PER_S;
	return *talks[i].answer ? NS_PER_S : 50 * NS_PER_MS;
}

TEST_ROWS(each_talk_has_its_outcome, talks)
{
	unsigned n = row->then == SILENCE ? 1 : N;
	const struct client_tally *t;

	played = (unsigned)_i;
	open_listener();
	make_plan(row->close);
	plan.o.requests = row->requests;
	plan.arrivals_limit = n;
	plan.o.timeout_ns = patience_ns(_i);
	run_worker(server_thread);
	t = &worker->tally;
	for (int o = 0; o < OUTCOMES; o++)
		ck_assert_msg(outcome((enum outcome)o) ==
				      (o == (int)row->outcome ? n : 0),
			      "%s: %s is %llu", row->what, outcome_name((enum outcome)o),
			      (unsigned long long)outcome((enum outcome)o));
	check_closing(n);
	for (int c = 1; c < 6; c++)
		ck_assert_msg(client_tally_class(t, (unsigned)c) == n * row->status[c],
			      "%s: %dxx is %llu", row->what, c,
			      (unsigned long long)client_tally_class(t, (unsigned)c));
	if (!row->status[4] && !row->status[5])
		ck_assert_uint_eq(tally_get(&t->transactions_good),
				  tally_get(&t->transactions_ok));
	else
		ck_assert_uint_lt(tally_get(&t->transactions_good), n);
	ck_assert_uint_eq(tally_get(&t->http_reused), n * row->reused);
	ck_assert_uint_eq(tally_get(&t->http_ended_early), n * row->ended_early);
	for (int e = 1; e < HTTP_ERRORS; e++)
		ck_assert_uint_eq(tally_get(&t->http_malformed[e]),
				  e == (int)row->malformed ? n : 0);
	ck_assert_msg(tally_get(&t->bytes_missing) == n * row->missing,
		      "%s: %llu bytes missing", row->what,
		      (unsigned long long)tally_get(&t->bytes_missing));
	books_add_up(row->what);
	http_requests_done(&plan.http);
	done();
}

/* A pool against a server that ends each connection after its response: nothing is lost. */
TEST(a_pool_survives_a_server_that_closes)
{
	played = 0;
	while (strcmp(talks[played].answer, CLOSE) != 0)
		played++;
	open_listener();
	make_plan("client-fin");
	plan.o.pool = 1;
	run_worker(server_thread);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), N);
	ck_assert_int_eq(accepted, N);
	ck_assert_uint_eq(outcome(OUTCOME_COMPLETED), N);
	books_add_up("pool");
	http_requests_done(&plan.http);
	done();
}

TEST(a_pool_reuses_what_is_kept)
{
	played = 0; /* a length, and the connection stays */
	open_listener();
	make_plan("client-fin");
	plan.o.pool = 1;
	run_worker(server_thread);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), N);
	ck_assert_int_eq(accepted, 1);
	ck_assert_uint_eq(tally_get(&worker->tally.http_reused), N - 1);
	books_add_up("pool");
	http_requests_done(&plan.http);
	done();
}

/* What comes on a connection that rests in the pool is nobody's response: a 408, say. */
TEST(a_pooled_connection_is_not_spoken_to)
{
	played = 0;
	while (talks[played].then != SURPLUS)
		played++;
	open_listener();
	make_plan("client-fin");
	plan.o.pool = 1;
	plan.arrivals_limit = 3;
	plan.rate = (struct rate){ .from = 2,
				   .to = 2 }; /* it comes long before the next arrival */
	surplus_on = 2; /* the third is the last, and is closed at once */
	run_worker(server_thread);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), 3);
	ck_assert_uint_eq(outcome(OUTCOME_BAD_RESPONSE), 2);
	ck_assert_uint_eq(tally_get(&worker->tally.http_malformed[HTTP_SURPLUS]), 2);
	ck_assert_uint_eq(outcome(OUTCOME_COMPLETED), 1);
	books_add_up("pool");
	http_requests_done(&plan.http);
	done();
}

/* clang-format off */
static const struct {
	const char *close;
	enum then then;
	enum outcome outcome;
} holds[] = {
	{ "client-fin", KEEP, OUTCOME_COMPLETED },
	{ "client-unread", KEEP, OUTCOME_COMPLETED }, /* its response is there all the time */
	{ "client-fin", FIN, OUTCOME_STALE },
	{ "client-half", FIN, OUTCOME_STALE },
	{ "client-rst", FIN, OUTCOME_STALE },
	{ "client-fin", SURPLUS, OUTCOME_BAD_RESPONSE },
};
/* clang-format on */

/* There is nothing to hold once the server has said that it closes. */
TEST(a_hold_ends_with_connection_close)
{
	played = 0;
	while (strcmp(talks[played].answer, CLOSE) != 0)
		played++;
	open_listener();
	make_plan("client-fin");
	plan.o.hold_ns = 19 * NS_PER_S;
	run_worker(server_thread);
	ck_assert_uint_eq(outcome(OUTCOME_COMPLETED), N);
	ck_assert_uint_eq(tally_get(&worker->tally.http_close_left), N);
	books_add_up("hold");
	http_requests_done(&plan.http);
	done();
}

/* Who was to hold and then close first did not, if the server closed meanwhile. */
TEST_ROWS(a_hold_is_not_taken_for_the_end, holds)
{
	played = 0;
	while (strcmp(talks[played].answer, OK) != 0 || talks[played].then != row->then)
		played++;
	open_listener();
	make_plan(row->close);
	plan.arrivals_limit = 2;
	/* What the server does ends the hold; where it does nothing, its time does. */
	plan.o.hold_ns = (row->then == KEEP ? 200 : 10000) * NS_PER_MS;
	run_worker(server_thread);
	ck_assert_msg(outcome(row->outcome) == 2, "%s: %llu", row->close,
		      (unsigned long long)outcome(row->outcome));
	books_add_up("hold");
	http_requests_done(&plan.http);
	done();
}

CHECK_MAIN("slot_http")
