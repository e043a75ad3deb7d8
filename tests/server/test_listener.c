/* How many connections a listener takes at a time. */
#include "server/listener.h"

#include "tests/server/one_conn.h"

#define MANY 64

static struct listener ours;
static struct addr at;
static int clients[MANY];

static void listen_here(void)
{
	at = (struct addr){ .len = sizeof(at.in),
			    .in = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
	plan.reuseaddr = true;
	plan.backlog = 2 * MANY;
	ck_assert_int_eq(listener_open(&ours, worker, &at, SOCK_FIRST, NULL), 0);
}

static void open_clients(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ck_assert_int_eq(connect(clients[i], &at.sa, at.len), 0);
	}
}

static void close_clients(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		close(clients[i]);
}

static void turn_until_accepted(uint64_t n)
{
	uint64_t until = clock_ns() + 10 * NS_PER_S;

	while (tally_get(&worker->tally.accepted) < n && clock_ns() < until)
		turn(20);
	ck_assert_uint_eq(tally_get(&worker->tally.accepted), n);
}

/* Once two came at a time the batch grows with each that was full: 1 (16 times), 2, 4, 8, 16. */
TEST(a_queue_is_taken_in_ever_larger_batches)
{
	listen_here();
	open_clients(MANY);
	turn_until_accepted(MANY);
	ck_assert_uint_ge(ours.batch, 16);
	listener_close(&ours);
	close_clients(MANY);
}

/* An accept4() that finds nothing is tried once in 16. */
TEST(what_comes_one_by_one_is_expected_so)
{
	listen_here();
	for (unsigned i = 0; i < 15; i++) {
		open_clients(1);
		turn_until_accepted(i + 1);
		ck_assert_uint_eq(ours.batch, 1);
		close_clients(1);
	}
	listener_close(&ours);
}

CHECK_MAIN_AROUND("listener", begin, end)
