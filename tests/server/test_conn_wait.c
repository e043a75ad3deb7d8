/* A client that takes its time: what renews the server's patience, and how much waits in the kernel meanwhile. */
#include "server/conn.h"

#include "tests/server/one_conn.h"

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

CHECK_MAIN_AROUND("conn_wait", begin, end)
