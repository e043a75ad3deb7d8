/* A conn that is spoken to in HTTP: what it answers, who closes first, how it is counted. */
#include "server/conn.h"

#include "tests/server/one_conn.h"

enum then { FIN, RST, NOTHING };

/* What came back, and whether the server's FIN (or RST) came after it. */
static char got[4096];
static size_t got_n;
static bool got_end;

static void collect(void)
{
	ssize_t n = 1;

	while (!got_end && got_n < sizeof(got) - 1 && n > 0) {
		n = recv(client, got + got_n, sizeof(got) - 1 - got_n, MSG_DONTWAIT);
		if (n > 0)
			got_n += (size_t)n;
		else if (n == 0 || errno != EAGAIN)
			got_end = true;
	}
	got[got_n] = '\0';
}

/* Whole responses, and nothing between or behind them: none has content in answer to HEAD. */
static unsigned answers(bool to_head)
{
	struct http_parse p;
	unsigned n = 0;

	for (size_t at = 0; at < got_n; n++) {
		http_parse_response(&p, to_head);
		at += http_parse_feed(&p, got + at, got_n - at);
		ck_assert_msg(http_parse_done(&p), "%s", got);
	}
	return n;
}

#define GET        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define ASK(query) "GET /?" query " HTTP/1.1\r\nHost: a\r\n\r\n"

/* clang-format off */
static const struct {
	const char *what, *bytes;
	const char *says; /* the answer begins so; NULL = no answer */
	unsigned answers;
	bool server_first; /* its FIN comes unasked */
	enum then then;
	enum server_end end;
	unsigned errors;  /* 4xx and 5xx */
	unsigned missing; /* bytes announced that never came */
} talks[] = {
	{ "get", GET, "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_SERVED, 0, 0 },
	{ "get, then reset", GET, "HTTP/1.1 200 OK\r\n", 1, false, RST, END_RESET, 0, 0 },
	{ "two at a time", GET GET, "HTTP/1.1 200 OK\r\n", 2, false, FIN, END_SERVED, 0, 0 },
	{ "five at a time, the last closes", GET GET GET GET "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", 5, true, NOTHING, END_SERVED, 0, 0 },
	{ "what follows the last is not answered", "GET / HTTP/1.0\r\n\r\n" GET, "HTTP/1.1 200 OK\r\n", 1, true, NOTHING, END_SERVED, 0, 0 },
	{ "one and a half", GET "GET / HT", "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_TRUNCATED, 0, 0 },
	{ "half, then reset", "GET / HT", NULL, 0, false, RST, END_RESET, 0, 0 },
	{ "blank lines alone", "\r\n\r\n", NULL, 0, false, FIN, END_CONNECT_ONLY, 0, 0 },
	{ "a blank line behind a request", GET "\r\n", "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_SERVED, 0, 0 },
	{ "a request with content", "GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_SERVED, 0, 0 },
	{ "half of its content", "GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\na", NULL, 0, false, FIN, END_TRUNCATED, 0, 2 },
	{ "... then reset", "GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\na", NULL, 0, false, RST, END_RESET, 0, 2 },
	{ "half a chunk", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", NULL, 0, false, FIN, END_TRUNCATED, 0, 3 },
	{ "close", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n", 1, true, NOTHING, END_SERVED, 0, 0 },
	{ "HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", 1, true, NOTHING, END_SERVED, 0, 0 },
	{ "HTTP/1.0, kept", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_SERVED, 0, 0 },
	{ "head", "HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_SERVED, 0, 0 },
	{ "head, of what has a size", "HEAD /?size=9 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_SERVED, 0, 0 },
	{ "two heads", "HEAD / HTTP/1.1\r\n\r\nHEAD /x HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n", 2, false, FIN, END_SERVED, 1, 0 },
	{ "server-fin", ASK("close=server-fin"), "HTTP/1.1 200 OK\r\n", 1, true, NOTHING, END_SERVED, 0, 0 },
	{ "server-half", ASK("close=server-half"), "HTTP/1.1 200 OK\r\n", 1, true, FIN, END_SERVED, 0, 0 },
	{ "server-rst", ASK("close=server-rst"), "HTTP/1.1 200 OK\r\n", 1, true, NOTHING, END_SERVED, 0, 0 },
	{ "server-fin after a hold", ASK("close=server-fin&hold=30ms"), "HTTP/1.1 200 OK\r\n", 1, true, NOTHING, END_SERVED, 0, 0 },
	{ "a late answer", ASK("delay=20ms") GET, "HTTP/1.1 200 OK\r\n", 2, false, FIN, END_SERVED, 0, 0 },
	{ "late answers", ASK("delay=10ms") ASK("delay=10ms&close=server-fin"), "HTTP/1.1 200 OK\r\n", 2, true, NOTHING, END_SERVED, 0, 0 },
	{ "post", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" GET, "HTTP/1.1 200 OK\r\n", 2, false, FIN, END_SERVED, 0, 0 },
	{ "both", ASK("close=both"), "HTTP/1.1 200 OK\r\n", 1, true, NOTHING, END_SERVED, 0, 0 },
	{ "client-fin", "GET /?close=client-fin HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_SERVED, 0, 0 },
	{ "client-rst", ASK("close=client-rst"), "HTTP/1.1 200 OK\r\n", 1, false, RST, END_RESET_AS_ASKED, 0, 0 },
	{ "server-leak", ASK("close=server-leak&hold=20ms"), "HTTP/1.1 200 OK\r\n", 1, false, FIN, END_LEAK_OVER, 0, 0 },
	{ "not found", "GET /x HTTP/1.1\r\n\r\n" GET, "HTTP/1.1 404 Not Found\r\n", 2, false, FIN, END_SERVED, 1, 0 },
	{ "too much asked", ASK("size=2M") GET, "HTTP/1.1 400 Bad Request\r\n", 2, false, FIN, END_SERVED, 1, 0 },
	{ "put", "PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 405 Method Not Allowed\r\n", 1, true, FIN, END_BAD_HEADER, 1, 0 },
	{ "put, half of it", "PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", "HTTP/1.1 405 Method Not Allowed\r\n", 1, true, FIN, END_BAD_HEADER, 1, 0 },
	{ "refused, then reset", "PUT / HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", 1, true, RST, END_BAD_HEADER, 1, 0 },
	{ "content over the limit", "GET / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 413 Content Too Large\r\n", 1, true, FIN, END_TOO_LARGE, 1, 0 },
	{ "brew", "BREW / HTTP/1.1\r\n\r\n", "HTTP/1.1 501 Not Implemented\r\n", 1, true, FIN, END_BAD_HEADER, 1, 0 },
	{ "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported\r\n", 1, true, FIN, END_BAD_HEADER, 1, 0 },
	{ "no HTTP", "no http here\r\n", "HTTP/1.1 400 Bad Request\r\n", 1, true, FIN, END_BAD_HEADER, 1, 0 },
	{ "smuggling", "GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", 1, true, FIN, END_BAD_HEADER, 1, 0 },
};
/* clang-format on */

static void check_talk(unsigned i, struct conn *p)
{
	collect();
	ck_assert_msg(talks[i].server_first == got_end, "%s: the server %s",
		      talks[i].what, got_end ? "closed" : "did not close");
	if (talks[i].then == FIN)
		drop_client();
	else if (talks[i].then == RST)
		reset_client();
	turn_to(p, CONN_FREE);
	ck_assert_msg(!p->http, "%s: a request is left over", talks[i].what);
	ended_as(talks[i].end, talks[i].what);
	ck_assert_msg(!talks[i].says ||
			      strncmp(got, talks[i].says, strlen(talks[i].says)) == 0,
		      "%s: %s", talks[i].what, got);
	ck_assert_msg(answers(strncmp(talks[i].bytes, "HEAD ", 5) == 0) ==
			      talks[i].answers,
		      "%s: %s", talks[i].what, got);
	ck_assert_uint_eq(tally_get(&worker->tally.requests), talks[i].answers);
	ck_assert_uint_eq(tally_get(&worker->tally.responses), talks[i].answers);
	ck_assert_uint_eq(tally_get(&worker->tally.http_requests), talks[i].answers);
	ck_assert_uint_eq(tally_get(&worker->tally.http_errors), talks[i].errors);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_missing), talks[i].missing);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_sent), got_n);
}

/* Until nothing more comes, all is answered, and the server closed as it should. */
static void settle_talk(unsigned i)
{
	uint64_t until = clock_ns() + 5 * NS_PER_S;

	settle();
	for (collect(); ((talks[i].server_first && !got_end) ||
			 tally_get(&worker->tally.responses) < talks[i].answers) &&
			clock_ns() < until;
	     collect())
		turn(5);
	collect();
}

TEST_ROWS(each_talk_ends_as_it_should, talks)
{
	size_t n = strlen(row->bytes);
	struct conn *p = connect_conn();

	ck_assert_int_eq(send(client, row->bytes, n, 0), (ssize_t)n);
	settle_talk((unsigned)_i);
	check_talk((unsigned)_i, p);
}

TEST_ROWS(byte_by_byte_is_the_same, talks)
{
	struct conn *p = connect_conn();

	for (const char *at = row->bytes; *at; at++) {
		if (send(client, at, 1, MSG_NOSIGNAL) != 1)
			break; /* it had enough */
		turn((at - row->bytes) % 8 == 0);
	}
	settle_talk((unsigned)_i);
	check_talk((unsigned)_i, p);
}

/* Bytes that are the worker's last request are not parsed again: they are taken for no other, and what was
 * refused is refused, and counted so, each time. */
TEST(each_request_is_heeded_whatever_the_last_one_was)
{
	static const struct {
		const char *bytes;
		unsigned status;
		enum server_end end;
	} order[] = {
		{ GET, 200, END_SERVED },
		{ GET, 200, END_SERVED },
		{ ASK("size=10"), 200, END_SERVED },
		{ ASK("size=11"), 200, END_SERVED },
		{ ASK("size=11"), 200, END_SERVED },
		{ "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 200, END_SERVED },
		{ "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 200, END_SERVED },
		{ "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 404, END_SERVED },
		{ "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 404, END_SERVED },
		{ "TRACK / HTTP/1.1\r\nHost: a\r\n\r\n", 501, END_BAD_HEADER },
		{ "TRACK / HTTP/1.1\r\nHost: a\r\n\r\n", 501, END_BAD_HEADER },
		{ GET, 200, END_SERVED },
	};
	unsigned ended[SERVER_ENDS] = { 0 };

	for (unsigned i = 0; i < ROWS(order); i++) {
		struct conn *p = connect_conn();
		struct http_parse answer;
		size_t n = strlen(order[i].bytes);

		got_n = 0;
		got_end = false;
		ck_assert_int_eq(send(client, order[i].bytes, n, 0), (ssize_t)n);
		settle();
		collect();
		http_parse_response(&answer, order[i].bytes[0] == 'H');
		ck_assert_uint_eq(http_parse_feed(&answer, got, got_n), got_n);
		ck_assert(http_parse_done(&answer));
		ck_assert_uint_eq(answer.status, order[i].status);
		if (strstr(order[i].bytes, "size="))
			ck_assert_uint_eq(answer.length, i == 2 ? 10 : 11);
		drop_client();
		turn_to(p, CONN_FREE);
		ended[order[i].end]++;
		ck_assert_uint_eq(tally_get(&worker->tally.ended[order[i].end]),
				  ended[order[i].end]);
	}
	ck_assert_uint_eq(tally_get(&worker->tally.http_requests), ROWS(order));
	ck_assert_uint_eq(tally_get(&worker->tally.http_errors), 4);
}

/* What it needs in memory it has while it is under way, and the next one has the same. */
TEST(a_request_takes_memory_until_it_is_answered)
{
	const struct conn_http *first = NULL;

	for (int i = 0; i < 3; i++) {
		struct conn *p = connect_conn();

		settle();
		ck_assert_ptr_null(p->http);
		ck_assert_int_eq(send(client, "\r\nGET", 5, 0), 5);
		settle();
		ck_assert_ptr_nonnull(p->http);
		ck_assert(i == 0 || p->http == first);
		first = p->http;
		if (i < 2) {
			ck_assert_int_eq(send(client, GET + 3, strlen(GET) - 3, 0),
					 (ssize_t)strlen(GET) - 3);
			settle();
			ck_assert_uint_eq(tally_get(&worker->tally.responses), i + 1);
			ck_assert_ptr_null(p->http);
		}
		drop_client();
		turn_to(p, CONN_FREE);
		ck_assert_ptr_null(p->http);
		ck_assert_ptr_eq(SLIST_FIRST(&worker->free_https), first);
		ck_assert_ptr_null(SLIST_NEXT(first, free_link));
	}
}

TEST(a_head_that_never_ends_is_refused)
{
	static const char field[] = "Name: value\r\n";
	struct conn *p = connect_conn();

	ck_assert_int_gt(send(client, "GET / HTTP/1.1\r\n", 16, 0), 0);
	for (int i = 0; i < 90000 && !got_end; i++) { /* a megabyte */
		if (send(client, field, sizeof(field) - 1, MSG_NOSIGNAL) < 0)
			break;
		if (i % 100 == 0) {
			turn(0);
			collect();
		}
	}
	ck_assert(got_end);
	ck_assert_msg(strncmp(got, "HTTP/1.1 431 ", 13) == 0, "%s", got);
	drop_client();
	turn_to(p, CONN_FREE);
	ended_as(END_TOO_LARGE, "a long head");
}

/* Requests behind one whose answer does not fit into the socket are kept, and answered. */
TEST(requests_behind_a_slow_answer_are_kept)
{
	const int small = 4096;
	uint64_t bytes = 0;
	struct conn *p = connect_conn();
	char buf[8192];
	ssize_t n;

	setsockopt(p->watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	ck_assert_int_gt(send(client, ASK("size=1M") GET, strlen(ASK("size=1M") GET), 0),
			 0);
	ck_assert_int_gt(send(client, ASK("size=300k&close=server-fin"),
			      strlen(ASK("size=300k&close=server-fin")), 0),
			 0);
	settle();
	ck_assert_int_eq(p->state, CONN_RESPOND);
	memset(worker->scratch, 'x', SCRATCH_SIZE); /* others used it */
	do {
		turn(1);
		n = recv(client, buf, sizeof(buf), MSG_DONTWAIT);
		bytes += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 || (n == -1 && errno == EAGAIN));
	ck_assert_int_eq(n, 0);
	ck_assert_uint_gt(bytes, (1 << 20) + 300 * 1024);
	turn_to(p, CONN_FREE);
	ended_as(END_SERVED, "slow");
	ck_assert_uint_eq(tally_get(&worker->tally.responses), 3);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_sent), bytes);
}

/* A connection that is cut off there must not leak what it kept (asan tells). */
/* The books of what is kept are right, and no more than the sum is. */
TEST_TIMES(all_requests_kept_together_have_a_bound, 2)
{
	const int small = 4096;
	struct conn *p = connect_conn();

	setsockopt(p->watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	worker->ahead = _i ? CONN_AHEAD_SUM - strlen(GET) + 1 : 0;
	ck_assert_int_gt(send(client, ASK("size=1M") GET, strlen(ASK("size=1M") GET), 0),
			 0);
	settle();
	if (_i) {
		turn_to(p, CONN_FREE);
		ended_as(END_TOO_LARGE, "ahead");
		return;
	}
	ck_assert_int_eq(p->state, CONN_RESPOND);
	ck_assert_uint_eq(worker->ahead, strlen(GET));
	reset_client();
	turn_to(p, CONN_FREE);
	ck_assert_uint_eq(worker->ahead, 0);
}

TEST(requests_kept_are_forgotten_with_the_connection)
{
	struct conn *p = connect_conn();

	for (int i = 0; i < 8; i++)
		ck_assert_int_gt(send(client, ASK("size=1M"), strlen(ASK("size=1M")), 0),
				 0);
	settle();
	ck_assert_int_eq(p->state, CONN_RESPOND);
	ck_assert_ptr_nonnull(p->rest.copy);
	conn_end(p, END_CUT_OFF);
	ck_assert_int_eq(p->state, CONN_FREE);
	ck_assert_ptr_null(p->rest.copy);
}

CHECK_MAIN_AROUND("conn_http", begin, end)
