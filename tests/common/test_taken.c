/* From sockets, as a dump shows them, to the ports that a run cannot have: taken_look.h, with
 * answers that no kernel gave.  Where the kernel is the judge: test_taken_look.c. */
#include "common/ports/taken_look.h"

#include <arpa/inet.h>
#include <string.h>

#include "tests/addresses.h"
#include "tests/check_main.h"
#include "tests/common/looked.h"

#define LO  40000
#define HI  49999
#define ALL TAKEN_ALL_POOLS

/* ---- rows and runs in words */

struct socket {
	const char *local, *remote; /* without port; "" ends a list */
	uint16_t local_port, remote_port;
	uint8_t state;
	uint32_t left_ms; /* 0 = no minisock */
};

static void give(struct taken_look *look, const struct socket *s)
{
	unsigned char local[16] = { 0 }, remote[16] = { 0 };
	struct sock_diag_row row = {
		.family = strchr(s->local, ':') ? AF_INET6 : AF_INET,
		.local = local,
		.remote = remote,
		.local_port = s->local_port,
		.remote_port = s->remote_port,
		.state = s->state,
		.timer = s->left_ms ? 3 : 2, /* some timer runs, its time means nothing */
		.expires_ms = s->left_ms ? s->left_ms : 7777,
	};

	ck_assert_int_eq(inet_pton(row.family, s->local, local), 1);
	if (s->remote)
		ck_assert_int_eq(inet_pton(row.family, s->remote, remote), 1);
	taken_look_row(&row, look);
}

/* What the made-up kernel says: a port is bound if its last digit is 7; by the source with
 * number 1 also if it is 3. */
static unsigned questions;

static int answer(const struct taken_plan *p, size_t source, uint16_t port)
{
	(void)p;
	questions++;
	return port % 10 == 7 || (port % 10 == 3 && source == 1);
}

static int no_answer(const struct taken_plan *p, size_t source, uint16_t port)
{
	(void)p;
	(void)source;
	(void)port;
	return -1;
}

#define A  "198.18.0.1" /* sources */
#define B  "198.18.0.2"
#define C  "198.18.0.3" /* no source */
#define T  "198.18.9.1" /* its ports 9000 and 9001 are targets */
#define A6 "2001:db8::1"
#define T6 "2001:db8::9"

enum plan_of { ONE, TWO, FROM_TWO, SIX, N_PLANS };

static const char *const targets_of[N_PLANS] = { T ":9000", T ":9000-9001",
						 T ":9000-9001", "[" T6 "]:9000" };
static const char *const sources_of[N_PLANS] = { A, A, A "," B, A6 };
static void plan_run(struct looked *l, enum taken_way way, enum plan_of of)
{
	looked_plan(l, way, targets_of[of], sources_of[of]);
	l->kept = one_addr(A ":40100");
	l->plan.kept = &l->kept;
	l->plan.n_kept = 1;
	l->plan.lo = LO;
	l->plan.hi = HI;
	l->plan.ask = answer;
}

static struct taken_look *begin(const struct looked *l)
{
	struct taken_look *look;
	struct err err;

	questions = 0;
	ck_assert_int_eq(taken_look_begin(&l->plan, &look, &err), 0);
	return look;
}

static void end(struct looked *l, struct taken_look *look)
{
	struct err err;

	ck_assert_int_eq(taken_look_end(look, &l->taken, &err), 0);
}

/* ---- each kind of socket, and one that nearly is */

enum { EST = STATE_ESTABLISHED, TW = STATE_TIME_WAIT, FW2 = STATE_FIN_WAIT2 };
enum { LISTENS = STATE_LISTEN, CLOSED = STATE_CLOSE, SYN_RECV = STATE_SYN_RECV };
enum { HELD = TAKEN_SOCKET, KEPT = TAKEN_KEPT, WAITS = TAKEN_TIME_WAIT };
enum { FIN2 = TAKEN_FIN_WAIT2, BOUND_TW = TAKEN_BOUND_TIME_WAIT };

/* clang-format off */
static const struct {
	const char *what;
	enum taken_way way;
	enum plan_of plan;
	struct socket sockets[4];
	struct taken_port taken[4]; /* port 0 ends it */
} looks[] = {
	{ "nothing", TAKEN_CONNECT, ONE, { { 0 } }, { { 0 } } },
	{ "open, to the target", TAKEN_CONNECT, ONE,
	  { { A, T, 40001, 9000, EST, 0 } }, { { 0, 40001, HELD, 0 } } },
	{ "in TIME_WAIT", TAKEN_CONNECT, ONE,
	  { { A, T, 40001, 9000, TW, 5000 } }, { { 0, 40001, WAITS, 5 } } },
	{ "in FIN_WAIT2, a minisock", TAKEN_CONNECT, ONE,
	  { { A, T, 40001, 9000, FW2, 5500 } }, { { 0, 40001, FIN2, 5.5F } } },
	{ "in FIN_WAIT2, with a descriptor", TAKEN_CONNECT, ONE,
	  { { A, T, 40001, 9000, FW2, 0 } }, { { 0, 40001, HELD, 0 } } },
	{ "the ends of the range", TAKEN_CONNECT, ONE,
	  { { A, T, LO, 9000, EST, 0 }, { A, T, HI, 9000, EST, 0 } },
	  { { 0, LO, HELD, 0 }, { 0, HI, HELD, 0 } } },
	{ "beside it", TAKEN_CONNECT, ONE,
	  { { A, T, LO - 1, 9000, EST, 0 }, { A, T, HI + 1, 9000, EST, 0 },
	    { A, NULL, HI + 1, 0, LISTENS, 0 } }, { { 0 } } },
	{ "from no source of the run", TAKEN_CONNECT, ONE,
	  { { C, T, 40001, 9000, EST, 0 } }, { { 0 } } },
	{ "to another port", TAKEN_CONNECT, ONE,
	  { { A, T, 40001, 9001, EST, 0 } }, { { 0 } } },
	{ "to another host", TAKEN_CONNECT, ONE,
	  { { A, C, 40001, 9000, EST, 0 } }, { { 0 } } },
	{ "to another host, bound", TAKEN_CONNECT, ONE,
	  { { A, C, 40007, 9000, EST, 0 } }, { { ALL, 40007, HELD, 0 } } },
	{ "... in TIME_WAIT", TAKEN_CONNECT, ONE,
	  { { A, C, 40007, 9000, TW, 3000 } }, { { ALL, 40007, BOUND_TW, 3 } } },
	{ "... twice: the later end counts", TAKEN_CONNECT, ONE,
	  { { A, C, 40007, 9000, TW, 3000 }, { C, T, 40007, 9000, TW, 4000 } },
	  { { ALL, 40007, BOUND_TW, 4 } } },
	{ "to the target, bound: one pool cannot have it anyway", TAKEN_CONNECT, ONE,
	  { { A, T, 40007, 9000, FW2, 3000 } }, { { 0, 40007, FIN2, 3 } } },
	{ "to one of two targets, bound: the other cannot have it", TAKEN_CONNECT, TWO,
	  { { A, T, 40007, 9000, FW2, 3000 } }, { { ALL, 40007, FIN2, 3 } } },
	{ "to one of two targets", TAKEN_CONNECT, TWO,
	  { { A, T, 40001, 9001, TW, 3000 } }, { { 1, 40001, WAITS, 3 } } },
	{ "to both", TAKEN_CONNECT, TWO,
	  { { A, T, 40001, 9001, TW, 3000 }, { A, T, 40001, 9000, TW, 2000 } },
	  { { 0, 40001, WAITS, 2 }, { 1, 40001, WAITS, 3 } } },
	{ "from either source", TAKEN_CONNECT, FROM_TWO,
	  { { B, T, 40002, 9001, EST, 0 }, { B, T, 40002, 9000, EST, 0 },
	    { A, T, 40002, 9000, EST, 0 } },
	  { { 0, 40002, HELD, 0 }, { 2, 40002, HELD, 0 }, { 3, 40002, HELD, 0 } } },
	{ "a listener", TAKEN_CONNECT, TWO,
	  { { C, NULL, 40001, 0, LISTENS, 0 } }, { { ALL, 40001, HELD, 0 } } },
	{ "... and one of its connections", TAKEN_CONNECT, ONE,
	  { { C, NULL, 40001, 0, LISTENS, 0 }, { C, B, 40001, 5000, EST, 0 },
	    { C, B, 40001, 5001, TW, 1000 }, { A, T, 40001, 9000, TW, 1000 } },
	  { { ALL, 40001, HELD, 0 } } },
	{ "a listener of IPv6", TAKEN_CONNECT, ONE,
	  { { "::", NULL, 40001, 0, LISTENS, 0 } }, { { ALL, 40001, HELD, 0 } } },
	{ "bound only", TAKEN_CONNECT, ONE,
	  { { C, NULL, 40001, 0, CLOSED, 0 } }, { { ALL, 40001, HELD, 0 } } },
	{ "a request", TAKEN_CONNECT, ONE,
	  { { C, B, 40007, 5000, SYN_RECV, 0 } }, { { 0 } } },
	{ "our own link", TAKEN_CONNECT, ONE,
	  { { A, C, 40100, 9100, EST, 0 } }, { { 0 } } },
	{ "... to the target", TAKEN_CONNECT, ONE,
	  { { A, T, 40100, 9000, EST, 0 } }, { { 0, 40100, KEPT, 0 } } },

	{ "bind() meets any target", TAKEN_BIND, FROM_TWO,
	  { { B, C, 40001, 5000, TW, 1000 } }, { { 1, 40001, BOUND_TW, 1 } } },
	{ "... but not another address", TAKEN_BIND, FROM_TWO,
	  { { C, T, 40001, 9000, EST, 0 } }, { { 0 } } },
	{ "... nor IPv6", TAKEN_BIND, FROM_TWO,
	  { { A6, T6, 40001, 9000, EST, 0 } }, { { 0 } } },
	{ "... of several the longest", TAKEN_BIND, FROM_TWO,
	  { { A, C, 40001, 5000, TW, 1000 }, { A, C, 40001, 5001, FW2, 3000 },
	    { A, C, 40001, 5002, TW, 2000 }, { B, C, 40001, 5003, TW, 500 } },
	  { { 0, 40001, FIN2, 3 }, { 1, 40001, BOUND_TW, .5F } } },
	{ "... a listener on any address", TAKEN_BIND, FROM_TWO,
	  { { "0.0.0.0", NULL, 40001, 0, LISTENS, 0 }, { A, C, 40001, 5001, TW, 3000 } },
	  { { ALL, 40001, HELD, 0 } } },
	{ "... of IPv6", TAKEN_BIND, FROM_TWO,
	  { { "::", NULL, 40001, 0, LISTENS, 0 } }, { { ALL, 40001, HELD, 0 } } },
	{ "... of IPv4, by IPv6", TAKEN_BIND, SIX,
	  { { "0.0.0.0", NULL, 40001, 0, LISTENS, 0 } }, { { 0 } } },
	{ "... our own link", TAKEN_BIND, FROM_TWO,
	  { { A, C, 40100, 9100, EST, 0 } }, { { 0, 40100, KEPT, 0 } } },
	{ "... another's on the link's port", TAKEN_BIND, FROM_TWO,
	  { { B, C, 40100, 9100, EST, 0 } }, { { 1, 40100, HELD, 0 } } },

	{ "SO_REUSEADDR: an earlier run with it", TAKEN_BIND_SHARED, FROM_TWO,
	  { { B, T, 40001, 9001, TW, 1000 } }, { { 3, 40001, WAITS, 1 } } },
	{ "... in FIN_WAIT2", TAKEN_BIND_SHARED, FROM_TWO,
	  { { B, T, 40001, 9001, FW2, 1000 } }, { { 3, 40001, WAITS, 1 } } },
	{ "... without it", TAKEN_BIND_SHARED, FROM_TWO,
	  { { B, T, 40003, 9001, TW, 1000 } },
	  { { 2, 40003, BOUND_TW, 1 }, { 3, 40003, BOUND_TW, 1 } } },
	{ "... to anywhere, with it", TAKEN_BIND_SHARED, FROM_TWO,
	  { { B, C, 40001, 5000, TW, 1000 } }, { { 0 } } },
	{ "... to anywhere, without it", TAKEN_BIND_SHARED, FROM_TWO,
	  { { A, C, 40003, 5000, TW, 1000 }, { A, C, 40007, 5000, TW, 1000 } },
	  { { 0, 40007, BOUND_TW, 1 }, { 1, 40007, BOUND_TW, 1 } } },
	{ "... one source: no pool has it", TAKEN_BIND_SHARED, TWO,
	  { { A, C, 40007, 5000, EST, 0 } }, { { ALL, 40007, HELD, 0 } } },
	{ "... a listener", TAKEN_BIND_SHARED, TWO,
	  { { A, NULL, 40001, 0, LISTENS, 0 } }, { { ALL, 40001, HELD, 0 } } },
	{ "... our own link", TAKEN_BIND_SHARED, TWO,
	  { { A, C, 40100, 9100, EST, 0 } }, { { ALL, 40100, KEPT, 0 } } },
};
/* clang-format on */

TEST_ROWS(names_each_port_once, looks)
{
	const struct taken_port *expected = row->taken;
	struct taken_look *look;
	struct looked l;
	size_t n = 0;

	plan_run(&l, row->way, row->plan);
	look = begin(&l);
	for (unsigned i = 0; i < 4 && row->sockets[i].local; i++)
		give(look, &row->sockets[i]);
	end(&l, look);
	for (; n < 4 && expected[n].port; n++) {
		ck_assert_msg(n < l.taken.n, "%s: %zu missing", row->what, n);
		ck_assert_msg(l.taken.at[n].pool == expected[n].pool &&
				      l.taken.at[n].port == expected[n].port &&
				      l.taken.at[n].by == expected[n].by &&
				      l.taken.at[n].expires_s == expected[n].expires_s,
			      "%s: %u %u %u %g", row->what, l.taken.at[n].pool,
			      l.taken.at[n].port, l.taken.at[n].by,
			      (double)l.taken.at[n].expires_s);
	}
	ck_assert_msg(l.taken.n == n, "%s: %zu too many", row->what, l.taken.n - n);
	ck_assert(!l.taken.estimated && l.taken.unasked == 0);
	looked_done(&l);
}

/* ---- what is asked, and how much of it */

static void give_others(struct taken_look *look, uint16_t from, uint16_t step, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		give(look, &(struct socket){ A, C, (uint16_t)(from + i * step), 5000, TW,
					     9000 });
}

/* clang-format off */
static const struct {
	const char *what;
	uint16_t from, step;
	unsigned n, questions, taken;
	bool estimated;
} many[] = {
	{ "few are all asked about",         40000, 1,  400,  400,   40, false },
	{ "one more is estimated",           40000, 1,  401,  400,   40, true },
	{ "many are estimated",              40000, 1, 9000,  400,  900, true },
	{ "none of many",                    40002, 10, 999,  400,    0, false },
	{ "all of many",                     40007, 10, 999,  400,  999, false },
};
/* clang-format on */

TEST_ROWS(asks_a_few_of_many, many)
{
	struct taken_look *look;
	struct looked l;
	double off;

	plan_run(&l, TAKEN_CONNECT, ONE);
	look = begin(&l);
	give_others(look, row->from, row->step, row->n);
	end(&l, look);
	off = (double)l.taken.n - row->taken;
	ck_assert_uint_eq(questions, row->questions);
	ck_assert_int_eq(l.taken.estimated, row->estimated);
	/* Of 400 drawn, one in ten is 40, and within 4 sigma 16 to 64. */
	ck_assert_msg(off == 0 || (row->estimated &&
				   off * off < .6 * .6 * row->taken * row->taken),
		      "%s: %zu", row->what, l.taken.n);
	looked_done(&l);
}

/* Ports with like last bits are a program's, and another's with others. */
TEST(does_not_ask_every_second_alone)
{
	struct taken_look *look;
	struct looked l;

	plan_run(&l, TAKEN_CONNECT, ONE);
	look = begin(&l);
	/* 800 in turn: one that is bound and one that is not. */
	give_others(look, 40007, 10, 400);
	give_others(look, 40008, 10, 400);
	end(&l, look);
	ck_assert(l.taken.estimated);
	ck_assert_msg(l.taken.n > 320 && l.taken.n < 480, "%zu of 400", l.taken.n);
	looked_done(&l);
}

TEST_TIMES(asks_nothing_that_does_not_matter, 2)
{
	struct taken_look *look;
	struct looked l;

	plan_run(&l, TAKEN_CONNECT, ONE);
	l.plan.time_wait_again = _i == 1;
	look = begin(&l);
	give(look, &(struct socket){ A, T, 40007, 9000, TW, 5000 });
	give(look, &(struct socket){ A, T, 40008, 9000, TW, 5000 });
	end(&l, look);
	/* Where TIME_WAIT is taken again, it matters who bound the port. */
	ck_assert_uint_eq(questions, _i == 1 ? 2 : 0);
	ck_assert_uint_eq(l.taken.n, 2);
	ck_assert_uint_eq(l.taken.at[0].by, WAITS);
	ck_assert_uint_eq(l.taken.at[1].by, _i == 1 ? BOUND_TW : WAITS);
	looked_done(&l);
}

TEST(says_what_the_kernel_does_not)
{
	struct taken_look *look;
	struct looked l;

	plan_run(&l, TAKEN_CONNECT, ONE);
	l.plan.ask = no_answer;
	look = begin(&l);
	give_others(look, 40001, 1, 7);
	give(look, &(struct socket){ A, T, 40020, 9000, EST, 0 });
	give(look, &(struct socket){ A, NULL, 40021, 0, LISTENS, 0 });
	end(&l, look);
	ck_assert_uint_eq(l.taken.unasked, 7);
	ck_assert_uint_eq(l.taken.n, 2);
	looked_done(&l);
}

/* ---- figures */

TEST(counts_for_each_pool)
{
	struct taken_look *look;
	struct looked l;

	plan_run(&l, TAKEN_CONNECT, FROM_TWO);
	look = begin(&l);
	give(look, &(struct socket){ A, T, 40001, 9000, EST, 0 });
	give(look, &(struct socket){ B, T, 40001, 9001, EST, 0 });
	give(look, &(struct socket){ C, NULL, 40002, 0, LISTENS, 0 });
	end(&l, look);
	ck_assert_uint_eq(taken_in_pools(&l.taken, 4), 2 + 4);
	looked_done(&l);
}

/* One that outlasts what keeps all from the port stands beside it. */
TEST(counts_no_port_twice)
{
	struct taken_port at[] = { { 0, 40001, HELD, 0 },
				   { 1, 40002, HELD, 0 },
				   { ALL, 40001, BOUND_TW, 1 } };
	struct taken t = { .at = at, .n = 3 };

	ck_assert_uint_eq(taken_in_pools(&t, 4), 4 + 1);
}

TEST(one_that_lasts_longer_stands_beside)
{
	struct taken_look *look;
	struct looked l;

	plan_run(&l, TAKEN_BIND, FROM_TWO);
	look = begin(&l);
	give(look, &(struct socket){ "0.0.0.0", NULL, 40001, 0, TW, 2000 });
	give(look, &(struct socket){ A, C, 40001, 5000, TW, 3000 });
	give(look, &(struct socket){ B, C, 40001, 5000, TW, 2000 });
	end(&l, look);
	ck_assert_uint_eq(l.taken.n, 2);
	ck_assert_uint_eq(l.taken.at[0].pool, 0);
	ck_assert_uint_eq(l.taken.at[1].pool, ALL);
	ck_assert_uint_eq(taken_in_pools(&l.taken, 2), 2);
	looked_done(&l);
}

TEST(buckets_end_in_their_second)
{
	struct taken_look *look;
	struct looked l;

	plan_run(&l, TAKEN_CONNECT, ONE);
	look = begin(&l);
	/* Wherever they are: also outside the range, and on a server's side. */
	give(look, &(struct socket){ A, T, 40001, 9000, TW, 999 });
	give(look, &(struct socket){ C, B, 80, 5000, TW, 1000 });
	give(look, &(struct socket){ C, B, 80, 5001, FW2, 1999 });
	give(look, &(struct socket){ C, B, 80, 5002, FW2, 0 });
	give(look, &(struct socket){ C, B, 80, 5003, EST, 0 });
	give(look, &(struct socket){ C, B, 80, 5004, FW2, 1000000 });
	end(&l, look);
	ck_assert_uint_eq(l.taken.bucket_ends[0], 1);
	ck_assert_uint_eq(l.taken.bucket_ends[1], 2);
	ck_assert_uint_eq(l.taken.bucket_ends[TAKEN_SECONDS - 1], 1);
	for (unsigned i = 2; i < TAKEN_SECONDS - 1; i++)
		ck_assert_uint_eq(l.taken.bucket_ends[i], 0);
	looked_done(&l);
}

CHECK_MAIN("taken")
