/* A slot whose bytes go by a transport that is nothing like TCP: every strategy ends as it does over
 * TCP, with the farewells where they belong. */
#include "client/slot.h"

#include <poll.h>

#include "common/talk/proto_raw.h"
#include "tests/client/one_worker.h"
#include "tests/odd_transport.h"

#define CONNECTIONS 8
#define REQUESTS    3

static void wait_in_poll(int fd, short what)
{
	struct pollfd p = { .fd = fd, .events = what == EV_READ ? POLLIN : POLLOUT };

	poll(&p, 1, 5000);
}

static void make_plan(const char *close)
{
	struct err err;

	plan = (struct client_plan){
		.targets = { &target, 1 },
		.transport = &transport_odd,
		.workers = 1,
		.o.concurrency = 4,
		.o.duration_ns = 20 * NS_PER_S,
		.o.timeout_ns = 5 * NS_PER_S,
		.limited = true,
		.arrivals_limit = CONNECTIONS,
		.o.requests = REQUESTS,
		.o.request_size = 40,
		.o.response_size = 20,   /* more than is read in a turn, in one part */
		.o.fin_with_data = true, /* which the transport refuses */
		.o.fastopen = true,
		.ranks = 1,
		.seed = 1
	};
	ck_assert_int_eq(closing_mix_parse(close, &plan.mix, &err), 0);
	odd_wait = wait_in_poll;
}

/* The server's half. */
static int serve(int fd)
{
	unsigned char bytes[64], answer[64] = { RAW_MARK_BYTES };
	struct wire w = odd_open(fd, true);
	const struct closing *c = NULL;
	struct raw_header h = { 0 };

	while (!(h.flags & RAW_LAST) && odd_read(&w, fd, bytes, RAW_HEADER)) {
		ck_assert_int_eq(raw_decode(bytes, &h), RAW_OK);
		ck_assert(odd_read(&w, fd, bytes, h.request));
		odd_write(&w, fd, answer, h.response);
		c = closing_by_number(h.strategy);
	}
	ck_assert(c && h.flags & RAW_LAST);
	return odd_leave(&w, fd, &c->server, &c->client);
}

static void *server_thread(void *arg)
{
	int leaked[CONNECTIONS], n = 0, fd;

	(void)arg;
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		accepted++;
		fd = serve(fd);
		if (fd >= 0)
			leaked[n++] = fd;
	}
	while (n > 0)
		close(leaked[--n]);
	return NULL;
}

static void sessions_are_over(unsigned n, const char *close)
{
	for (int end = 0; end < 2; end++) {
		NUMBER(close, odd_started[end], n);
		NUMBER(close, odd_stopped[end], n);
	}
}

TEST_TIMES(every_strategy_completes, (int)n_closings - 1)
{
	const struct closing *c = closing_by_number((unsigned)_i + 1);
	bool leaks = c->client.finish == FINISH_KEEP;

	open_listener();
	make_plan(c->name);
	run_worker(server_thread);
	NUMBER(c->name, outcome(leaks ? OUTCOME_LEAKED : OUTCOME_COMPLETED), CONNECTIONS);
	NUMBER(c->name, tally_get(&worker->tally.transactions_ok),
	       CONNECTIONS * REQUESTS);
	NUMBER(c->name, tally_get(&worker->tally.bytes_sent),
	       CONNECTIONS * REQUESTS * (RAW_HEADER + plan.o.request_size));
	NUMBER(c->name, accepted, CONNECTIONS);
	NUMBER(c->name, odd_heard_bye[1],
	       closing_says_farewell(&c->client, &c->server) * CONNECTIONS);
	NUMBER(c->name, odd_heard_bye[0],
	       c->client.wait_eof * closing_says_farewell(&c->server, &c->client) *
		       CONNECTIONS);
	books_add_up(c->name);
	sessions_are_over(CONNECTIONS, c->name);
	done();
}

/* Whether a call has to wait depends on the other end's thread; in one of many runs each has. */
TEST(the_transport_is_awkward)
{
	for (int i = 0; i < 100; i++) {
		open_listener();
		make_plan("client-fin");
		run_worker(server_thread);
		done();
		if (odd_wrote_to_read[0] && odd_read_to_write[0] && odd_was_pending[0])
			return;
	}
	ck_abort_msg("wrote to read %u, read to write %u, pending %u",
		     odd_wrote_to_read[0], odd_read_to_write[0], odd_was_pending[0]);
}

TEST_TIMES(a_pool_rests_and_retires, (int)n_closings - 1)
{
	const struct closing *c = closing_by_number((unsigned)_i + 1);

	open_listener();
	make_plan(c->name);
	plan.o.pool = 1; /* the server here serves one at a time */
	plan.o.max_requests = 2 * REQUESTS;
	run_worker(server_thread);
	NUMBER(c->name, tally_get(&worker->tally.transactions_ok),
	       CONNECTIONS * REQUESTS);
	sessions_are_over(CONNECTIONS / 2, c->name);
	books_add_up(c->name);
	done();
}

/* A server that speaks another way: it ends the connection in the handshake, or keeps silent. */
static void *ends_at_once(void *arg)
{
	unsigned char byte;
	int fd;

	(void)arg;
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		recv(fd, &byte, 1, 0);
		closing_finish_fd(fd, FINISH_RST);
	}
	return NULL;
}

static const struct {
	void *(*server)(void *);
	enum outcome outcome;
} strangers[] = { { ends_at_once, OUTCOME_HANDSHAKE },
		  { NULL, OUTCOME_HANDSHAKE_TIMEOUT } };

TEST_ROWS(a_handshake_that_fails_is_counted, strangers)
{
	open_listener();
	make_plan("client-fin");
	plan.o.timeout_ns = 200 * NS_PER_MS;
	plan.arrivals_limit = 2;
	run_worker(row->server);
	ck_assert_uint_eq(outcome(row->outcome), 2);
	ck_assert_uint_eq(tally_get(&worker->tally.connects_ok), 2);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_sent), 0);
	ck_assert_uint_eq(odd_stopped[0], 2);
	books_add_up("strangers");
	done();
}

CHECK_MAIN("slot transport")
