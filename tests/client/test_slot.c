/* The life of a connection: with every strategy against a server that does its half, and a
 * way out of every state. */
#include "client/slot.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client/plan.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/talk/closing.h"
#include "common/talk/outcome.h"
#include "common/talk/proto_raw.h"
#include "common/kernel/sock.h"
#include "tests/client/one_worker.h"

static unsigned
	close_after; /* the server closes without a word after so many; 0 = never */

static unsigned char answer[64] = { RAW_MARK_BYTES };
static unsigned answer_size; /* the server sends so many; 0 = as many as are asked for */

static void make_plan(const char *close)
{
	struct err err;

	plan = (struct client_plan){ .targets = { &target, 1 },
				     .transport = &transport_tcp,
				     .workers = 1,
				     .o.concurrency = 4,
				     .o.duration_ns = 20 * NS_PER_S,
				     .o.timeout_ns = 5 * NS_PER_S,
				     .limited = true,
				     .arrivals_limit = 20,
				     .o.requests = 1,
				     .o.request_size = 3,
				     .o.response_size = 5,
				     .ranks = 1,
				     .seed = 1 };
	ck_assert_int_eq(closing_mix_parse(close, &plan.mix, &err), 0);
}

static bool read_all(int fd, void *to, size_t n)
{
	return n == 0 || recv(fd, to, n, MSG_WAITALL) == (ssize_t)n;
}

/* The server's half, one connection at a time, with blocking calls. */
static void serve(int fd)
{
	unsigned char head[RAW_HEADER], body[64];
	struct raw_header h = { 0 };
	const struct closing *c = NULL;
	unsigned served = 0;

	while (!(h.flags & RAW_LAST) && read_all(fd, head, sizeof(head))) {
		ck_assert_int_eq(raw_decode(head, &h), RAW_OK);
		ck_assert(read_all(fd, body, h.request));
		ck_assert_int_eq(send(fd, answer, answer_size ? answer_size : h.response,
				      MSG_NOSIGNAL),
				 answer_size ? answer_size : h.response);
		c = closing_by_number(h.strategy);
		if (close_after && ++served == close_after)
			break;
	}
	if (c && h.flags & RAW_LAST) {
		if (c->server.half)
			shutdown(fd, SHUT_WR);
		while (c->server.wait_eof && recv(fd, body, sizeof(body), 0) > 0)
			;
	}
	closing_finish_fd(fd, c && c->server.finish == FINISH_RST ? FINISH_RST
								  : FINISH_CLOSE);
}

static void *server_thread(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		__atomic_fetch_add(&accepted, 1, __ATOMIC_RELAXED);
		serve(fd);
	}
	return NULL;
}

static void run(bool with_server)
{
	run_worker(with_server ? server_thread : NULL);
}

TEST_TIMES(every_strategy_completes, (int)n_closings - 1)
{
	const struct closing *c = &closings[_i + 1];
	enum outcome end =
		c->client.finish == FINISH_KEEP ? OUTCOME_LEAKED : OUTCOME_COMPLETED;

	open_listener();
	make_plan(c->name);
	run(true);
	ck_assert_msg(outcome(end) == 20, "%s: %llu of 20", c->name,
		      (unsigned long long)outcome(end));
	books_add_up(c->name);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), 20);
	ck_assert_uint_eq(tally_get(&worker->tally.connects_ok), 20);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_sent),
			  20 * (RAW_HEADER + plan.o.request_size));
	done();
}

static const char *const silent[] = { "client-fin", "client-half", "client-rst" };

/* clang-format off */
static const struct {
	const char *what;
	unsigned char bytes[16];
	unsigned size, asked;
	const char *close;
	enum outcome outcome;
} answers[] = {
	{ "the mark", { RAW_MARK_BYTES }, 8, 8, "client-fin", OUTCOME_COMPLETED },
	{ "one byte of it", { 0xfa }, 1, 1, "client-fin", OUTCOME_COMPLETED },
	{ "zeros", { 0 }, 1, 1, "client-fin", OUTCOME_BAD_RESPONSE },
	{ "the request's first byte", { 0xf5 }, 1, 1, "client-fin", OUTCOME_BAD_RESPONSE },
	{ "text", "SSH-2.0-x", 9, 9, "client-fin", OUTCOME_BAD_RESPONSE },
	{ "another version", { 0xfa, 9 }, 2, 2, "client-fin", OUTCOME_BAD_RESPONSE },
	{ "the mark, spoilt at its end", { 0xfa, 1, 't', 'w', 's', 't', 'r', 'n' }, 9, 9, "client-fin", OUTCOME_BAD_RESPONSE },
	{ "a byte more", { RAW_MARK_BYTES }, 9, 8, "client-fin", OUTCOME_BAD_RESPONSE },
	{ "left unread", { RAW_MARK_BYTES }, 9, 9, "client-unread", OUTCOME_COMPLETED },
	{ "text, left unread", "220 x", 5, 5, "client-unread", OUTCOME_BAD_RESPONSE },
	{ "more, unread", { RAW_MARK_BYTES }, 9, 8, "client-unread", OUTCOME_BAD_RESPONSE },
	{ "text after it is asked to close", "220 x", 5, 5, "server-fin", OUTCOME_BAD_RESPONSE },
};
/* clang-format on */

TEST_ROWS(a_response_is_known_by_its_first_bytes, answers)
{
	bool good = row->outcome == OUTCOME_COMPLETED;

	open_listener();
	make_plan(row->close);
	plan.o.response_size = row->asked;
	memcpy(answer, row->bytes, sizeof(row->bytes));
	answer_size = row->size;
	run(true);
	ck_assert_msg(outcome(row->outcome) == 20, "%s: %llu of 20", row->what,
		      (unsigned long long)outcome(row->outcome));
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), good ? 20 : 0);
	books_add_up(row->what);
	done();
}

TEST_ROWS(connect_and_close_without_a_word, silent)
{
	open_listener();
	make_plan(*row);
	plan.o.requests = 0;
	run(true);
	ck_assert_uint_eq(outcome(OUTCOME_COMPLETED), 20);
	ck_assert_uint_eq(tally_get(&worker->tally.bytes_sent), 0);
	books_add_up(*row);
	done();
}

TEST(many_requests_on_one_connection)
{
	open_listener();
	make_plan("client-fin");
	plan.o.requests = 7;
	run(true);
	ck_assert_uint_eq(outcome(OUTCOME_COMPLETED), 20);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), 140);
	ck_assert_int_eq(accepted, 20);
	books_add_up("many");
	done();
}

TEST_TIMES(a_pool_opens_no_more_than_it_needs, (int)n_closings - 1)
{
	open_listener();
	make_plan(closings[_i + 1].name);
	plan.o.concurrency = 1;
	plan.o.pool = 1; /* the server here serves one at a time */
	run(true);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), 20);
	ck_assert_int_eq(accepted, 1);
	books_add_up(closings[_i + 1].name);
	done();
}

TEST(a_pooled_connection_retires_in_time)
{
	open_listener();
	make_plan("client-fin");
	plan.o.pool = 1;
	plan.o.max_requests = 5;
	run(true);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok), 20);
	ck_assert_int_eq(accepted, 4);
	ck_assert_uint_eq(outcome(OUTCOME_COMPLETED), 4);
	books_add_up("max-requests");
	done();
}

/* The server closes what rests in the pool: noticed, counted, replaced, no crash. */
TEST(a_server_that_closes_idle_connections_is_survived)
{
	uint64_t lost;

	open_listener();
	make_plan("client-fin");
	close_after = 2;
	plan.o.pool = 1;
	plan.arrivals_limit = 20;
	plan.rate =
		(struct rate){ .from = 100,
			       .to = 100 }; /* 10 ms apart: the FIN is there by then */
	run(true);
	/* an arrival whose request was out already is lost to the race, and no other */
	lost = outcome(OUTCOME_POOL_RACE) - tally_get(&worker->tally.pool_retried);
	ck_assert_uint_eq(tally_get(&worker->tally.transactions_ok) + lost, 20);
	ck_assert_uint_ge(2 * (uint64_t)accepted + lost, 20);
	ck_assert_uint_ge(outcome(OUTCOME_STALE) + outcome(OUTCOME_POOL_RACE),
			  (uint64_t)accepted - 1);
	books_add_up("stale");
	done();
}

TEST(refused_connections_are_counted)
{
	const uint64_t begun_ns = clock_ns();
	const struct errno_times *at;

	open_listener();
	close(listener); /* nobody listens there now */
	make_plan("client-fin");
	plan.arrivals_limit = 3;
	plan.o.duration_ns = 2 * NS_PER_S;
	run(false);
	at = &worker->tally.failed_at[STAGE_CONNECT];
	ck_assert_uint_eq(outcome(OUTCOME_REFUSED), 3);
	ck_assert_uint_eq(tally_get(&worker->tally.failed[STAGE_CONNECT].n[ECONNREFUSED]),
			  3);
	ck_assert_uint_ge(tally_get(&at->first_ns[ECONNREFUSED]), begun_ns);
	ck_assert_uint_lt(tally_get(&at->first_ns[ECONNREFUSED]),
			  tally_get(&at->last_ns[ECONNREFUSED]));
	ck_assert_uint_lt(tally_get(&at->last_ns[ECONNREFUSED]), clock_ns());
	ck_assert_uint_eq(tally_get(&worker->targets[0].started), 3);
	ck_assert_uint_eq(tally_get(&worker->targets[0].ok), 0);
	ck_assert_uint_eq(tally_get(&worker->targets[0].failed.n[ECONNREFUSED]), 3);
	books_add_up("refused");
	done();
}

TEST(a_silent_server_is_given_up)
{
	open_listener(); /* accepts by the backlog, answers nobody */
	make_plan("client-fin");
	plan.arrivals_limit = 3;
	plan.o.timeout_ns = 100 * NS_PER_MS;
	run(false);
	ck_assert_uint_eq(outcome(OUTCOME_TIMEOUT), 3);
	ck_assert_uint_eq(tally_get(&worker->tally.timeout_transaction), 3);
	ck_assert_uint_eq(tally_get(&worker->targets[0].failed.n[ETIMEDOUT]), 3);
	books_add_up("silent");
	done();
}

TEST(the_end_cuts_off_what_hangs)
{
	open_listener();
	make_plan("client-fin");
	plan.limited = false;
	plan.o.timeout_ns = 20 * NS_PER_S;
	plan.o.duration_ns = 100 * NS_PER_MS;
	run(false);
	ck_assert_uint_eq(outcome(OUTCOME_CUT_OFF), 4);
	ck_assert_uint_eq(tally_get(&worker->tally.in_flight_at_end), 4);
	books_add_up("cut off");
	done();
}

/* slot_end() in every state that waits; the others are passed through. */
static const enum slot_state waits[] = { SLOT_CONNECT, SLOT_SEND,  SLOT_RECEIVE,
					 SLOT_HOLD,    SLOT_LEAVE, SLOT_DRAIN };

TEST_ROWS(every_state_has_a_way_out, waits)
{
	struct err err;
	struct slot *s;

	make_plan("client-fin");
	worker = calloc(1, sizeof(*worker));
	ck_assert_int_eq(client_worker_init(worker, &plan, 0, &err), 0);
	s = SLIST_FIRST(&worker->free);
	SLIST_REMOVE_HEAD(&worker->free,
			  next_free); /* as slot_fire() does on the way there */
	pick_next(&worker->pick, &s->choice);
	worker->n_free--;
	s->state = (uint8_t)*row;
	watch_open(&s->watch, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	slot_end(s, OUTCOME_CUT_OFF);
	ck_assert_msg(s->state == SLOT_FREE, "%s stays", slot_state_names[*row]);
	ck_assert_uint_eq(outcome(OUTCOME_CUT_OFF), 1);
	ck_assert_uint_eq(worker->n_free, worker->n_slots);
	done();
}

CHECK_MAIN("slot")
