/* A hold, and a leak: what their client may do meanwhile, and how they end. */
#include "server/conn.h"

#include "tests/server/one_conn.h"

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

CHECK_MAIN_AROUND("conn_hold", begin, end)
