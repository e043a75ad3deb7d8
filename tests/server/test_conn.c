/* A conn on a real loopback connection: how each way of talking to it ends, and is counted.
 * The test is the client; the worker's loop is turned here, without a thread. */
#include "server/conn.h"

#include "tests/server/one_conn.h"

/* clang-format off */
#define BYTES(...) { __VA_ARGS__ }, sizeof((unsigned char[]){ __VA_ARGS__ })
#define STRATEGY 0xee /* where the number of the row's strategy goes */
#define HEADER(flags, response, request)                                                 \
	0xf5, 1, STRATEGY, flags, 0, 0, 0, 0, 0, 0, (response) >> 8, (response) & 255,   \
	0, 0, (request) >> 8, (request) & 255

enum then { FIN, RST, NOTHING };
static const struct {
	const char *what, *strategy; /* NULL = a number that no strategy has */
	unsigned char bytes[64];
	size_t n;
	enum then then;
	enum server_end end;
	unsigned missing; /* bytes of a request */
} talks[] = {
	{ "connect only", NULL, { 0 }, 0, FIN, END_CONNECT_ONLY, 0 },
	{ "reset without a word", NULL, { 0 }, 0, RST, END_CONNECT_ONLY, 0 },
	{ "one byte", NULL, BYTES(0xf5), FIN, END_TRUNCATED, 0 },
	{ "15 bytes", "client-fin", BYTES(0xf5, 1, STRATEGY, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), FIN, END_TRUNCATED, 0 },
	{ "one byte, then reset", NULL, BYTES(0xf5), RST, END_RESET, 0 },
	{ "a header without its body", "client-fin", BYTES(HEADER(1, 1, 10)), FIN, END_TRUNCATED, 10 },
	{ "half a body", "client-fin", BYTES(HEADER(1, 1, 4), 0, 0), FIN, END_TRUNCATED, 2 },
	{ "half a body, then reset", "client-fin", BYTES(HEADER(1, 1, 4), 0, 0), RST, END_RESET, 2 },
	/* the strategy says reset, but not in the middle of a request */
	{ "half a body, then reset", "client-rst", BYTES(HEADER(1, 1, 4), 0, 0), RST, END_RESET, 2 },
	{ "half of the second header, then reset", "client-rst", BYTES(HEADER(0, 0, 0)), NOTHING, END_SERVED, 0 },
	{ "all zeros", NULL, { 0 }, 16, NOTHING, END_BAD_HEADER, 0 },
	{ "TLS", NULL, BYTES(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3), FIN, END_BAD_HEADER, 0 }, /* it is told so */
	{ "HTTP after a raw request", "client-fin", BYTES(HEADER(0, 1, 0), 'G', 'E', 'T', ' ', '/'), NOTHING, END_BAD_HEADER, 0 },
	{ "version 2", "client-fin", BYTES(0xf5, 2, STRATEGY, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), NOTHING, END_BAD_HEADER, 0 },
	{ "no such strategy", NULL, BYTES(HEADER(1, 1, 1)), NOTHING, END_BAD_HEADER, 0 },
	{ "no such flag", "client-fin", BYTES(HEADER(32, 1, 1)), NOTHING, END_BAD_HEADER, 0 },
	{ "request over the cap", "client-fin", BYTES(HEADER(1, 1, 1001)), NOTHING, END_TOO_LARGE, 0 },
	{ "4 GB request", "client-fin", BYTES(0xf5, 1, STRATEGY, 1, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255), NOTHING, END_TOO_LARGE, 0 },
	{ "response over the cap", "client-fin", BYTES(0xf5, 1, STRATEGY, 1, 0, 0, 0, 0, 0, 16, 0, 1, 0, 0, 0, 0), NOTHING, END_TOO_LARGE, 0 },
	{ "hold over the cap", "server-fin", BYTES(0xf5, 1, STRATEGY, 1, 0, 0x13, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0), NOTHING, END_TOO_LARGE, 0 },
	{ "more than was announced", "client-fin", BYTES(HEADER(1, 1, 2), 0, 0, 0), NOTHING, END_BAD_HEADER, 2 },
	{ "two requests at a time", "client-fin", BYTES(HEADER(0, 1, 0), HEADER(1, 1, 0)), NOTHING, END_BAD_HEADER, 0 },
	{ "as asked", "client-fin", BYTES(HEADER(1, 3, 2), 0, 0), FIN, END_SERVED, 0 },
	{ "nothing to say", "client-fin", BYTES(HEADER(1, 0, 0)), FIN, END_SERVED, 0 },
	{ "not said to be the last", "client-fin", BYTES(HEADER(0, 1, 1), 0), FIN, END_SERVED, 0 },
	{ "as asked", "server-fin", BYTES(HEADER(1, 1, 1), 0), NOTHING, END_SERVED, 0 },
	{ "left too early", "server-fin", BYTES(HEADER(0, 1, 1), 0), FIN, END_SERVED, 0 },
	{ "the FIN rides", "server-fin", BYTES(HEADER(17, 1, 1), 0), NOTHING, END_SERVED, 0 },
	{ "as asked", "client-half", BYTES(HEADER(1, 1, 1), 0), FIN, END_SERVED, 0 },
	{ "the FIN rides", "client-half", BYTES(HEADER(17, 1, 1), 0), FIN, END_SERVED, 0 },
	{ "as asked", "server-half", BYTES(HEADER(1, 1, 1), 0), FIN, END_SERVED, 0 },
	{ "as asked", "both", BYTES(HEADER(1, 1, 1), 0), NOTHING, END_SERVED, 0 },
	{ "as asked", "client-rst", BYTES(HEADER(1, 1, 1), 0), RST, END_RESET_AS_ASKED, 0 },
	{ "as asked", "server-rst", BYTES(HEADER(1, 1, 1), 0), NOTHING, END_SERVED, 0 },
	{ "as asked", "passive-rst", BYTES(HEADER(1, 1, 1), 0), NOTHING, END_SERVED, 0 },
	{ "as asked", "client-unread", BYTES(HEADER(1, 1, 1), 0), RST, END_RESET_AS_ASKED, 0 },
	{ "as asked", "client-leak", BYTES(HEADER(1, 1, 1), 0), NOTHING, END_SERVED, 0 },
	{ "but it resets", "client-fin", BYTES(HEADER(1, 1, 1), 0), RST, END_RESET, 0 },
	{ "but it resets", "client-half", BYTES(HEADER(1, 1, 1), 0), RST, END_RESET, 0 },
	{ "but it resets", "server-half", BYTES(HEADER(1, 1, 1), 0), RST, END_RESET, 0 },
	{ "linger", "server-fin", BYTES(0xf5, 1, STRATEGY, 5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0), NOTHING, END_SERVED, 0 },
	{ "linger2 of -1", "server-fin", BYTES(0xf5, 1, STRATEGY, 9, 0, 0, 0, 255, 0, 0, 0, 1, 0, 0, 0, 0), NOTHING, END_SERVED, 0 },
};
/* clang-format on */

static void then(enum then what)
{
	if (what == FIN)
		drop_client();
	else if (what == RST)
		reset_client();
}

static unsigned number_of(const char *strategy)
{
	return strategy ? closing_number(closing_by_name(strategy)) : n_closings;
}

/* What the row's client says, and how a failure calls it. */
static void make_talk(int i, unsigned char *bytes, char *what, size_t size)
{
	for (size_t at = 0; at < talks[i].n; at++)
		bytes[at] = talks[i].bytes[at] == STRATEGY
				    ? (unsigned char)number_of(talks[i].strategy)
				    : talks[i].bytes[at];
	snprintf(what, size, "%s, %s", talks[i].strategy ? talks[i].strategy : "none",
		 talks[i].what);
}

TEST_ROWS(each_talk_ends_as_it_should, talks)
{
	unsigned char bytes[64];
	char what[120];
	struct conn *p = connect_conn();

	make_talk(_i, bytes, what, sizeof(what));
	if (row->n)
		ck_assert_int_eq(send(client, bytes, row->n, 0), (ssize_t)row->n);
	settle();
	if (strstr(row->what, "second header")) { /* the next one, as far as it comes */
		ck_assert_int_eq(send(client, bytes, 8, 0), 8);
		settle();
		reset_client();
		turn_to(p, CONN_FREE);
		ended_as(END_RESET, what);
		return;
	}
	then(row->then);
	turn_to(p, CONN_FREE);
	ended_as(row->end, what);
	ck_assert_msg(tally_get(&worker->tally.bytes_missing) == row->missing,
		      "%s: %llu missing", what,
		      (unsigned long long)tally_get(&worker->tally.bytes_missing));
}

/* However the bytes come, it is the same talk. */
TEST_ROWS(byte_by_byte_is_the_same, talks)
{
	unsigned char bytes[64];
	char what[120];
	struct conn *p;

	if (row->then == NOTHING && row->end == END_BAD_HEADER)
		return; /* where it stops is not told by the last byte */
	if (strstr(row->what, "second header"))
		return;
	make_talk(_i, bytes, what, sizeof(what));
	p = connect_conn();
	for (size_t i = 0; i < row->n; i++) {
		ck_assert_int_eq(send(client, &bytes[i], 1, MSG_NOSIGNAL), 1);
		turn(i % 3);
	}
	settle();
	then(row->then);
	turn_to(p, CONN_FREE);
	ended_as(row->end, what);
}

TEST(a_refused_header_is_answered_with_a_reset)
{
	const unsigned char bytes[RAW_HEADER] = { RAW_MAGIC, 'G', 'E', 'T' };
	struct conn *p = connect_conn();
	char c;

	ck_assert_int_eq(send(client, bytes, sizeof(bytes), 0), RAW_HEADER);
	turn_to(p, CONN_FREE);
	ck_assert_int_eq(recv(client, &c, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
}

static void request_of(uint8_t run, const char *strategy, uint8_t flags, uint32_t hold_ms,
		       uint32_t response)
{
	const struct raw_header h = { .strategy = (uint8_t)number_of(strategy),
				      .flags = flags,
				      .run = run,
				      .hold_ms = hold_ms,
				      .response = response };
	unsigned char bytes[RAW_HEADER];

	raw_encode(&h, bytes);
	ck_assert_int_eq(send(client, bytes, sizeof(bytes), 0), RAW_HEADER);
}

static void request(const char *strategy, uint8_t flags, uint32_t hold_ms,
		    uint32_t response)
{
	request_of(0, strategy, flags, hold_ms, response);
}

TEST(many_requests_on_one_connection)
{
	struct conn *p = connect_conn();
	char buf[8];

	for (int i = 0; i < 50; i++) {
		request("client-fin", i == 49 ? RAW_LAST : 0, 0, 5);
		settle();
		ck_assert_int_eq(recv(client, buf, sizeof(buf), MSG_DONTWAIT), 5);
		ck_assert_msg(raw_is_response(0, (unsigned char *)buf, 5), "the %dth", i);
	}
	drop_client();
	turn_to(p, CONN_FREE);
	ended_as(END_SERVED, "many");
	ck_assert_uint_eq(tally_get(&worker->tally.requests), 50);
	ck_assert_uint_eq(tally_get(&worker->tally.responses), 50);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_sent), 250);
}

/* What a connection counts is its run's as well, once it has named it; nobody else's is. */
TEST(a_run_has_counts_of_its_own)
{
	const struct server_tally *seven = &worker->of_run[7];

	for (int i = 0; i < 3; i++) {
		struct conn *p = connect_conn();

		request_of(i == 2 ? 0 : 7, "client-fin", 0, 0, 5);
		settle();
		request_of(8, "client-fin", RAW_LAST, 0, 5);
		settle();
		ck_assert_uint_eq(tally_get(&seven->open), i < 2);
		drop_client();
		turn_to(p, CONN_FREE);
	}
	ck_assert_uint_eq(tally_get(&worker->tally.requests), 6);
	ck_assert_uint_eq(tally_get(&worker->tally.named), 3);
	ck_assert_uint_eq(tally_get(&seven->accepted), 2);
	ck_assert_uint_eq(tally_get(&seven->requests), 4);
	ck_assert_uint_eq(tally_get(&seven->responses), 4);
	ck_assert_uint_eq(tally_get(&seven->bytes_received), 4 * RAW_HEADER);
	ck_assert_uint_eq(tally_get(&seven->bytes_sent), 20);
	ck_assert_uint_eq(tally_get(&seven->closes), 2);
	ck_assert_uint_eq(tally_get(&seven->ended[END_SERVED]), 2);
	ck_assert_uint_eq(tally_get(&seven->open), 0);
	ck_assert_uint_eq(tally_get(&worker->of_run[8].accepted),
			  1); /* its second request */
	ck_assert_uint_eq(tally_get(&worker->of_run[8].bytes_received), 2 * RAW_HEADER);
}

/* A head that comes in pieces is all its run's. */
TEST(a_field_names_the_run)
{
	static const char head[] =
		"GET / HTTP/1.1\r\nHost: x\r\nTwstorm-Run: 255\r\n\r\n";
	const struct server_tally *its = &worker->of_run[255];
	struct conn *p = connect_conn();

	ck_assert_int_eq(send(client, head, 20, 0), 20);
	settle();
	ck_assert_int_eq(send(client, head + 20, strlen(head) - 20, 0),
			 (ssize_t)strlen(head) - 20);
	settle();
	drop_client();
	turn_to(p, CONN_FREE);
	ck_assert_uint_eq(tally_get(&its->http_requests), 1);
	ck_assert_uint_eq(tally_get(&its->bytes_received), strlen(head));
	ck_assert_uint_eq(tally_get(&its->bytes_sent),
			  tally_get(&worker->tally.bytes_sent));
}

TEST(a_goodbye_is_no_request)
{
	struct conn *p = connect_conn();

	request("server-fin", RAW_LAST | RAW_GOODBYE, 0, 0);
	turn_to(p, CONN_FREE);
	ended_as(END_SERVED, "goodbye");
	ck_assert_uint_eq(tally_get(&worker->tally.requests), 0);
	ck_assert_uint_eq(tally_get(&worker->tally.responses), 0);
}

/* Strategies by which the server moves first: a hold of 5 s that the client does not wait
 * for. */
/* clang-format off */
static const struct {
	const char *strategy;
	void (*leave)(void);
	enum server_end end;
} leavers[] = {
	{ "server-fin",  drop_client, END_LEFT },
	{ "server-fin",  reset_client, END_RESET },
	{ "server-half", drop_client, END_LEFT },
	{ "server-half", reset_client, END_RESET },
	{ "both",        drop_client, END_SERVED },
	{ "both",        reset_client, END_RESET },
	{ "server-rst",  drop_client, END_LEFT },
	{ "server-rst",  reset_client, END_RESET },
	{ "passive-rst", drop_client, END_LEFT },
	{ "passive-rst", reset_client, END_RESET },
	{ "client-leak", drop_client, END_LEFT },
	{ "client-leak", reset_client, END_RESET },
	{ "server-fin",  kill_client, END_RESET },
};
/* clang-format on */

TEST_ROWS(a_hold_ends_with_its_client, leavers)
{
	uint64_t begun = clock_ns();
	struct conn *p = connect_conn();

	request(row->strategy, RAW_LAST, 5000, 1);
	turn_to(p, CONN_HOLD);
	settle();
	ck_assert_int_eq(p->state, CONN_HOLD);
	row->leave();
	turn_to(p, CONN_FREE);
	ck_assert_uint_lt(clock_ns() - begun, 4 * NS_PER_S);
	ended_as(row->end, row->strategy);
	settle(); /* no timer is left that would wake a free connection */
}

/* The server's move comes at once then, and it is still the one that was asked for. */
TEST_TIMES(a_client_that_shuts_down_during_the_hold_gets_the_move, 2)
{
	struct conn *p = connect_conn();
	char buf[2];

	request(_i ? "server-rst" : "server-fin", RAW_LAST, 5000, 1);
	turn_to(p, CONN_HOLD);
	ck_assert_int_eq(recv(client, buf, 2, 0), 1);
	shutdown(client, SHUT_WR);
	turn_to(p, CONN_FREE);
	ended_as(END_LEFT, "shutdown");
	ck_assert_int_eq(recv(client, buf, 2, 0), _i ? -1 : 0);
}

TEST(what_comes_during_a_hold_is_bounded)
{
	const int large = 4 << 20, step = 4096;
	static char data[4096];
	struct conn *p = connect_conn();
	int sent = 0, idle = 0;

	setsockopt(p->watch.fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof(large));
	setsockopt(client, SOL_SOCKET, SO_SNDBUF, &step, sizeof(step));
	request("server-fin", RAW_LAST, 5000, 1);
	turn_to(p, CONN_HOLD);
	while (sent < large && idle < 20) {
		ssize_t n = send(client, data, sizeof(data), MSG_DONTWAIT);

		sent += n > 0 ? (int)n : 0;
		idle = n > 0 ? 0 : idle + 1;
		turn(1);
	}
	ck_assert_int_le(sent, 4 * CONN_UNREAD_MOST);
	ck_assert_int_eq(p->state, CONN_HOLD);
	reset_client();
	turn_to(p, CONN_FREE);
}

TEST_TIMES(a_long_hold_asks_whether_the_client_is_there, 2)
{
	int on = 0, idle = 0;
	socklen_t len = sizeof(on);
	struct conn *p;

	plan.max_hold_ms = 3600 * 1000;
	p = connect_conn();
	request("server-fin", RAW_LAST, _i ? 3600 * 1000 : 1000, 1);
	turn_to(p, CONN_HOLD);
	getsockopt(p->watch.fd, SOL_SOCKET, SO_KEEPALIVE, &on, &len);
	ck_assert_int_eq(on, _i);
	getsockopt(p->watch.fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &len);
	ck_assert(!_i || idle <= 60);
	drop_client();
	turn_to(p, CONN_FREE);
}

/* Bytes after the last request neither end a hold nor keep the server awake. */
TEST(a_hold_is_not_disturbed_by_data)
{
	struct conn *p = connect_conn();
	uint64_t begun;

	request("server-fin", RAW_LAST, 5000, 1);
	turn_to(p, CONN_HOLD);
	ck_assert_int_eq(send(client, "more", 4, 0), 4);
	begun = clock_ns();
	turn(100); /* sleeps, but for the wake-up of the data's own */
	turn(100);
	ck_assert_uint_ge(clock_ns() - begun, 90 * NS_PER_MS);
	ck_assert_int_eq(p->state, CONN_HOLD);
	reset_client();
	turn_to(p, CONN_FREE);
	ended_as(END_RESET, "data");
}

TEST(the_server_holds_before_it_moves)
{
	struct conn *p = connect_conn();
	uint64_t begun;
	char buf[2];

	begun = clock_ns();
	request("server-fin", RAW_LAST, 100, 1);
	turn_to(p, CONN_FREE);
	/* libevent's clock is the coarse one: a tick, 4 ms, may be missing */
	ck_assert_uint_ge(clock_ns() - begun, 95 * NS_PER_MS);
	ck_assert_int_eq(recv(client, buf, 2, 0), 1);
	ck_assert_int_eq(recv(client, buf, 2, 0), 0);
}

TEST(a_leak_is_let_go_after_its_hold)
{
	struct conn *p = connect_conn();

	request("server-leak", RAW_LAST, 100, 1);
	settle();
	drop_client();
	turn_to(p, CONN_LEAK);
	ck_assert_uint_eq(tally_get(&worker->tally.leaked), 1);
	ck_assert_uint_eq(tally_get(&worker->tally.closes), 0);
	turn_to(p, CONN_FREE);
	ended_as(END_LEAK_OVER, "leak");
	ck_assert_uint_eq(tally_get(&worker->tally.leaked), 0);
}

TEST(a_leak_ends_with_a_reset)
{
	const struct linger reset = { .l_onoff = 1 };
	uint64_t begun = clock_ns();
	struct conn *p = connect_conn();

	request("server-leak", RAW_LAST, 5000, 0);
	settle();
	shutdown(client, SHUT_WR);
	turn_to(p, CONN_LEAK);
	settle();
	ck_assert_int_eq(p->state, CONN_LEAK); /* whatever the client's FIN says */
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(client);
	client = -1;
	turn_to(p, CONN_FREE);
	ck_assert_uint_lt(clock_ns() - begun, 4 * NS_PER_S);
	ended_as(END_LEAK_OVER, "leak");
	ck_assert_uint_eq(tally_get(&worker->tally.leaked), 0);
}

#define LARGE (1 << 17) /* with buffers so small each 4 kB take a delayed ACK */

TEST(a_large_response_waits_for_a_slow_client)
{
	static unsigned char buf[LARGE], want[LARGE] = { RAW_MARK_BYTES };
	struct conn *p = connect_conn();
	size_t got = 0;
	ssize_t n;
	const int small = 4096;

	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	setsockopt(p->watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	request("server-fin", RAW_LAST, 0, LARGE);
	turn_to(p, CONN_RESPOND);
	for (int i = 0; i < 100000 && got < LARGE; i++) {
		n = recv(client, buf + got, LARGE - got, MSG_DONTWAIT);
		if (n > 0)
			got += (size_t)n;
		else
			turn(1);
	}
	ck_assert_uint_eq(got, LARGE);
	ck_assert_msg(memcmp(buf, want, LARGE) == 0, "the mark is not once, in front");
	turn_to(p, CONN_FREE);
	ended_as(END_SERVED, "large");
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_sent), LARGE);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_unsent), 0);
}

/* ---- patience: --idle-timeout, renewed only by what deserves it */

#define MAGIC_AND_VERSION "\xf5\x01"

static const struct {
	const char *what, *begin;
	size_t n;
	const char *byte;
} trickles[] = {
	{ "raw header", MAGIC_AND_VERSION, 2, "\1" },
	{ "raw body", MAGIC_AND_VERSION "\1\1\0\0\0\0\0\0\0\1\0\0\1\0", 16, "x" },
	{ "HTTP head", "GET / HTTP/1.1\r\nA: ", 19, "x" },
	{ "HTTP content", "GET / HTTP/1.1\r\nContent-Length: 99\r\n\r\n", 38, "x" },
	{ "blank lines", "\r\n", 2, "\n" },
};

TEST_ROWS(a_byte_now_and_then_renews_no_patience, trickles)
{
	struct conn *p = connect_conn();
	uint64_t deadline;

	send(client, row->begin, row->n, 0);
	settle();
	ck_assert_ptr_nonnull(p->idle.on);
	deadline = p->idle.deadline_ns;
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(send(client, row->byte, 1, 0), 1);
		turn(5);
		turn(1);
		ck_assert_msg(p->state == CONN_READ && p->idle.on &&
				      p->idle.deadline_ns == deadline,
			      "%s", row->what);
	}
	reset_client();
	turn_to(p, CONN_FREE);
}

/* From its first byte, and from the end of the one before, a request has all the time. */
TEST(a_request_begins_with_new_patience)
{
	struct conn *p = connect_conn();
	uint64_t deadline;
	char buf[8];

	deadline = p->idle.deadline_ns;
	request("client-fin", 0, 0, 5);
	settle();
	ck_assert_int_eq(recv(client, buf, sizeof(buf), MSG_DONTWAIT), 5);
	ck_assert_uint_gt(p->idle.deadline_ns, deadline);
	deadline = p->idle.deadline_ns;
	send(client, MAGIC_AND_VERSION, 1, 0);
	settle();
	ck_assert_uint_gt(p->idle.deadline_ns, deadline);
	reset_client();
	turn_to(p, CONN_FREE);
}

TEST(a_response_that_is_taken_renews_patience)
{
	static char buf[4096];
	const int small = 4096;
	uint64_t deadline, got = 0, renewed = 0;
	struct conn *p = connect_conn();

	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	setsockopt(p->watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	request("server-fin", RAW_LAST, 0, 1 << 20);
	turn_to(p, CONN_RESPOND);
	settle();
	deadline = p->idle.deadline_ns;
	while (got < 3 * CONN_PROGRESS) {
		ssize_t n = recv(client, buf, sizeof(buf), MSG_DONTWAIT);

		got += n > 0 ? (uint64_t)n : 0;
		turn(1);
		renewed += p->idle.deadline_ns != deadline;
		deadline = p->idle.deadline_ns;
	}
	/* After each 64 KiB, not with every segment. */
	ck_assert_uint_ge(renewed, 2);
	ck_assert_uint_le(renewed, 5);
	reset_client();
	turn_to(p, CONN_FREE);
}

/* ---- what may wait in the kernel */

static uint32_t unsent_limit(const struct conn *p)
{
	uint32_t value = 0;
	socklen_t len = sizeof(value);

	getsockopt(p->watch.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, &len);
	return value;
}

#define MANY 700 /* that wait to send, says the worker */

TEST_TIMES(where_many_wait_the_share_of_each_is_small, 2)
{
	struct conn *p;

	plan.max_response = 64 << 20;
	p = connect_conn();
	worker->in_state[CONN_RESPOND] += _i ? MANY : 0;
	request("server-fin", RAW_LAST, 0, 32 << 20);
	settle();
	ck_assert_int_eq(p->state, CONN_RESPOND);
	ck_assert_uint_eq(p->unsent, _i ? CONN_UNSENT_MOST / 2 : CONN_UNSENT_MOST);
	/* The listener of the test is none of the server's, so this is only set if it shrank. */
	ck_assert_uint_eq(unsent_limit(p), _i ? CONN_UNSENT_MOST / 2 : 0);
	worker->in_state[CONN_RESPOND] -= _i ? MANY : 0;
	reset_client();
	turn_to(p, CONN_FREE);
}

TEST(what_the_server_accepts_has_a_limit)
{
	struct addr at = { .len = sizeof(at.in),
			   .in = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
	static struct listener ours;
	struct conn *p;

	plan.reuseaddr = true;
	ck_assert_int_eq(listener_open(&ours, worker, &at, SOCK_FIRST, NULL), 0);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(client, &at.sa, at.len), 0);
	settle();
	p = TAILQ_FIRST(&worker->open);
	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq(unsent_limit(p), CONN_UNSENT_MOST);
	reset_client();
	turn_to(p, CONN_FREE);
	listener_close(&ours);
}

/* A FIN would say that it is whole. */
TEST(a_broken_off_response_ends_in_a_reset)
{
	static char buf[65536];
	const int small = 4096;
	struct conn *p = connect_conn();
	ssize_t n;

	setsockopt(p->watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	request("server-fin", RAW_LAST, 0, 1 << 20);
	turn_to(p, CONN_RESPOND);
	settle();
	ck_assert_int_eq(p->state, CONN_RESPOND);
	conn_end(p, END_IDLE);
	while ((n = recv(client, buf, sizeof(buf), 0)) > 0)
		;
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(errno, ECONNRESET);
}

TEST(what_was_never_sent_is_counted)
{
	struct conn *p = connect_conn();
	const int small = 4096;
	uint64_t sent;

	setsockopt(p->watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	request("server-fin", RAW_LAST, 0, 1 << 20);
	settle();
	reset_client();
	turn_to(p, CONN_FREE);
	sent = tally_get(&worker->tally.bytes_sent);
	ck_assert_uint_lt(sent, 1 << 20);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_unsent), (1 << 20) - sent);
	ended_as(END_RESET, "unsent");
}

/* conn_end() in every state it can find a connection in. */
/* clang-format off */
static const struct {
	enum conn_state state;
	const char *strategy; /* of a request; NULL = there is none */
	bool fin;
} states[] = {
	{ CONN_READ,  NULL,          false },
	{ CONN_HOLD,  "server-fin",  false },
	{ CONN_DRAIN, "client-fin",  false },
	{ CONN_DRAIN, "server-half", false },
	{ CONN_LEAK,  "server-leak", true },
};
/* clang-format on */

TEST_ROWS(every_state_has_a_way_out, states)
{
	struct conn *p = connect_conn();

	if (row->strategy)
		request(row->strategy, RAW_LAST, row->state == CONN_DRAIN ? 0 : 4000, 1);
	settle();
	if (row->fin)
		drop_client();
	turn_to(p, row->state);
	conn_end(p, END_CUT_OFF);
	ck_assert_int_eq(p->state, CONN_FREE);
	ck_assert_uint_eq(tally_get(&worker->tally.closes), 1);
	ck_assert_uint_eq(tally_get(&worker->tally.leaked), 0);
	settle(); /* no timer is left that would wake a free connection */
}

TEST(gauges_by_state_add_up)
{
	struct conn *p[3];
	int fds[3];
	unsigned sum = 0;

	for (int i = 0; i < 3; i++) {
		p[i] = connect_conn();
		fds[i] = client;
	}
	ck_assert_uint_eq(worker->in_state[CONN_READ], 3);
	for (int i = 0; i < 3; i++) {
		close(fds[i]);
		turn_to(p[i], CONN_FREE);
	}
	client = -1;
	for (int s = 0; s < CONN_STATES; s++)
		sum += worker->in_state[s];
	ck_assert_uint_eq(worker->in_state[CONN_FREE], sum);
}

CHECK_MAIN_AROUND("conn", begin, end)
