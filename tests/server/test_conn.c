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

/* A header that is the worker's last one is not read again: it is taken for no other, and what was
 * refused is refused each time. */
TEST(each_header_is_heeded_whatever_the_last_one_was)
{
	static const struct {
		const char *strategy;
		uint32_t response;
		bool refused;
	} order[] = {
		{ "client-fin", 5, false },      { "client-fin", 5, false },
		{ "server-fin", 5, false },      { "client-fin", 6, false },
		{ "client-fin", 2 << 20, true }, { "client-fin", 2 << 20, true },
		{ "client-fin", 6, false },
	};
	char buf[16];

	for (unsigned i = 0; i < ROWS(order); i++) {
		struct conn *p = connect_conn();

		request(order[i].strategy, RAW_LAST, 0, order[i].response);
		settle();
		if (!order[i].refused)
			ck_assert_int_eq(recv(client, buf, sizeof(buf), MSG_DONTWAIT),
					 (int)order[i].response);
		ck_assert_int_eq(p->state == CONN_FREE,
				 order[i].refused ||
					 strcmp(order[i].strategy, "server-fin") == 0);
		drop_client();
		turn_to(p, CONN_FREE);
	}
	ck_assert_uint_eq(tally_get(&worker->tally.ended[END_SERVED]), 5);
	ck_assert_uint_eq(tally_get(&worker->tally.ended[END_TOO_LARGE]), 2);
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
