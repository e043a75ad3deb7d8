/* one_conn - what tests of a connection share: a worker whose loop is turned here, without a thread,
 * and one real loopback connection, of which the test is the client. */
#ifndef TWSTORM_TESTS_ONE_CONN_H
#define TWSTORM_TESTS_ONE_CONN_H

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "common/talk/closing.h"
#include "server/worker.h"
#include "tests/check_main.h"

static struct server_plan plan;
static struct server_worker *worker;
static int client, listener;

static inline void begin(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	struct err err;

	plan = (struct server_plan){ .transport = &transport_tcp,
				     .workers = 1,
				     .backlog = 16,
				     .idle_timeout_ns = 20 * NS_PER_S,
				     .max_request = 1000,
				     .max_response = 1 << 20,
				     .max_hold_ms = 5000,
				     .max_linger_s = 10,
				     .books = true };
	client = -1;
	worker = calloc(1, sizeof(*worker));
	ck_assert_int_eq(server_worker_init(worker, &plan, 0, &err), 0);
	worker->now_ns = clock_ns();
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(listener, (struct sockaddr *)&at, len) == 0 &&
		  listen(listener, 8) == 0);
}

/* A connection: its client end in `client`, its server end with a connection. */
static inline struct conn *connect_conn(void)
{
	struct addr from = { .len = sizeof(from.in6) };
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	struct conn *p = server_worker_take(worker);
	const int one = 1;
	int fd;

	getsockname(listener, (struct sockaddr *)&at, &len);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&at, len), 0);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	fd = accept4(listener, &from.sa, &from.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	tally_set(&worker->tally.open, tally_get(&worker->tally.open) + 1);
	conn_accept(p, fd, &from);
	return p;
}

static inline void turn(uint64_t ms)
{
	worker->now_ns = clock_ns();
	loop_turn(&worker->loop, worker->now_ns, worker->now_ns + ms * NS_PER_MS);
	worker->now_ns = clock_ns();
}

/* Turns until the connection is in that state. */
static inline void turn_to(const struct conn *p, enum conn_state state)
{
	uint64_t until = clock_ns() + 10 * NS_PER_S;

	while (p->state != state && clock_ns() < until)
		turn(20);
	ck_assert_msg(p->state == state, "%s, not %s", conn_state_names[p->state],
		      conn_state_names[state]);
}

/* Lets it see everything that was sent: nothing more happens. */
static inline void settle(void)
{
	for (int i = 0; i < 5; i++)
		turn(2);
}

static inline void end(void)
{
	server_worker_done(worker);
	free(worker);
	close(listener);
	if (client >= 0)
		close(client);
}

static inline void reset_client(void)
{
	closing_finish_fd(client, FINISH_RST);
	client = -1;
}

/* Reads what there is first, or close() would send RST. */
static inline void drop_client(void)
{
	char buf[4096];

	while (recv(client, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	close(client);
	client = -1;
}

/* close() with the response unread is a reset, too: any program that is ended does it. */
static inline void kill_client(void)
{
	close(client);
	client = -1;
}

/* `wanted` counts 1, all others 0, and the books add up. */
static inline void ended_as(enum server_end wanted, const char *what)
{
	for (int e = 0; e < SERVER_ENDS; e++)
		ck_assert_msg(tally_get(&worker->tally.ended[e]) == (e == (int)wanted),
			      "%s: ended[%d] is %llu", what, e,
			      (unsigned long long)tally_get(&worker->tally.ended[e]));
	ck_assert_uint_eq(tally_get(&worker->tally.closes), 1);
	ck_assert_uint_eq(tally_get(&worker->tally.open), 0);
}

static inline unsigned number_of(const char *strategy)
{
	return strategy ? closing_number(closing_by_name(strategy)) : n_closings;
}

static inline void request_of(uint8_t run, const char *strategy, uint8_t flags,
			      uint32_t hold_ms, uint32_t response)
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

static inline void request(const char *strategy, uint8_t flags, uint32_t hold_ms,
			   uint32_t response)
{
	request_of(0, strategy, flags, hold_ms, response);
}

#endif
