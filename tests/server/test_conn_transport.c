/* A connection whose bytes go by a transport that is nothing like TCP: every strategy ends as it
 * does over TCP, with the farewells where they belong.  The test is the client. */
#include "server/conn.h"

#include "tests/odd_transport.h"
#include "tests/server/one_conn.h"

static void wait_in_turns(int fd, short what)
{
	(void)fd;
	(void)what;
	turn(1);
}

static struct conn *connect_odd(void)
{
	plan.transport = &transport_odd;
	odd_wait = wait_in_turns;
	return connect_conn();
}

static enum server_end end_of(const struct closing *c)
{
	if (c->server.finish == FINISH_KEEP)
		return END_LEAK_OVER;
	return c->server.wait_eof && c->peer_expects_reset ? END_RESET_AS_ASKED
							   : END_SERVED;
}

/* One request, and its response, which may be left where it is. */
static void transact(struct wire *w, const struct closing *c, bool last)
{
	const struct raw_header h = {
		.strategy = (uint8_t)closing_number(c),
		.flags = last ? RAW_LAST | RAW_FIN_RIDES : 0,
		.hold_ms = c->server.finish == FINISH_KEEP ? 20 : 0,
		.request = 32, /* the last part is more than is read in a turn */
		.response = 20
	};
	unsigned char bytes[RAW_HEADER + 32] = { 0 };
	ssize_t r;

	raw_encode(&h, bytes);
	odd_write(w, client, bytes, RAW_HEADER + h.request);
	if (last && c->client.leaves_unread) {
		ODD_UNTIL_DONE(r, odd_peek(w, client, bytes, 1), client);
		ck_assert_int_eq(r, 1);
		return;
	}
	ck_assert(odd_read(w, client, bytes, h.response));
	ck_assert(raw_is_response(0, bytes, h.response));
}

TEST_TIMES(every_strategy_completes, (int)n_closings - 1)
{
	const struct closing *c = closing_by_number((unsigned)_i + 1);
	struct conn *p = connect_odd();
	struct wire w = odd_open(client, false);

	for (int i = 0; i < 3; i++)
		transact(&w, c, i == 2);
	client = odd_leave(&w, client, &c->client, &c->server);
	turn_to(p, CONN_FREE);
	ended_as(end_of(c), c->name);
	NUMBER(c->name, tally_get(&worker->tally.responses), 3);
	NUMBER(c->name, tally_get(&worker->tally.bytes_received), 3 * (RAW_HEADER + 32));
	NUMBER(c->name, odd_stopped[1], 1);
	NUMBER(c->name, odd_heard_bye[0],
	       c->client.wait_eof && closing_says_farewell(&c->server, &c->client));
	NUMBER(c->name, odd_heard_bye[1], closing_says_farewell(&c->client, &c->server));
	ck_assert(odd_wrote_to_read[1] && odd_read_to_write[1] && odd_was_pending[1]);
}

/* Head and content go in one call, of two places. */
TEST(http_is_answered)
{
	const char ask[] =
		"GET /bytes/100 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	struct conn *p = connect_odd();
	struct wire w = odd_open(client, false);
	char got[1024];
	size_t n = 0;

	odd_write(&w, client, ask, sizeof(ask) - 1);
	while (n < sizeof(got) && odd_read(&w, client, got + n, 1))
		n++;
	ck_assert_uint_gt(n, 100);
	ck_assert_int_eq(memcmp(got, "HTTP/1.1 ", 9), 0);
	wire_stop(&w);
	drop_client();
	turn_to(p, CONN_FREE);
	ended_as(END_SERVED, "http");
}

static const struct {
	const char *what;
	unsigned char bytes[4];
	size_t n;
	enum server_end end;
} strangers[] = {
	{ "no word", { 0 }, 0, END_HANDSHAKE },
	{ "half a record", { ODD_SHAKE }, 1, END_HANDSHAKE },
	{ "the wrong step", { ODD_SHAKE, 3 }, 2, END_HANDSHAKE },
};

TEST_ROWS(a_handshake_that_fails_is_counted, strangers)
{
	struct conn *p = connect_odd();

	send(client, row->bytes, row->n, 0);
	settle();
	drop_client();
	turn_to(p, CONN_FREE);
	ended_as(row->end, row->what);
	ck_assert_uint_eq(odd_stopped[1], 1);
}

/* A client that goes on shaking hands without an end is as good as silent. */
TEST(a_handshake_has_its_time)
{
	struct conn *p;

	plan.transport = &transport_odd;
	timeline_init(&worker->handshake, 30 * NS_PER_MS);
	p = connect_conn();
	ck_assert_int_eq(p->state, CONN_HANDSHAKE);
	ck_assert_ptr_eq(p->idle.on, &worker->handshake);
	while (p->idle.on && p->idle.deadline_ns > clock_ns())
		turn(5);
	conn_end(p, END_HANDSHAKE_TIMEOUT); /* as the worker's thread does */
	ended_as(END_HANDSHAKE_TIMEOUT, "the handshake's time is over");
	ck_assert_uint_eq(odd_stopped[1], 1);
}

CHECK_MAIN_AROUND("conn transport", begin, end)
