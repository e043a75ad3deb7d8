#include "common/kernel/sock_diag.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "common/base/rng.h"
#include "tests/netns_sockets.h"

#define LISTENERS  40
#define MANY       1500 /* more than a message of the kernel holds */
#define WAIT_TRIES 500  /* of 10 ms */

/* ---- counting them */

static struct sock_diag *open_here(void)
{
	struct sock_diag *d;
	struct err err;

	ck_assert(private_netns());
	ck_assert_msg(sock_diag_open(&d, &err) == 0, "%s", err.text);
	return d;
}

static int count_state(const struct sock_diag_row *row, void *arg)
{
	struct tcp_states *s = arg;

	s->n[row->state]++;
	return 0;
}

static struct tcp_states count(struct sock_diag *d, uint32_t states)
{
	const struct sock_diag_query q = { .states = states };
	struct tcp_states s = { .n = { 0 } };

	ck_assert_int_eq(sock_diag_dump(d, &q, count_state, &s, NULL), 0);
	return s;
}

static void wait_count(struct sock_diag *d, unsigned state, uint64_t n)
{
	for (int i = 0; i < WAIT_TRIES; i++) {
		if (count(d, SOCK_DIAG_ALL_STATES).n[state] == n)
			return;
		poll(NULL, 0, 10);
	}
	ck_abort_msg("%s is never %u", tcp_state_name(state), (unsigned)n);
}

/* clang-format off */
static const struct {
	const char *what;
	uint32_t states;
	struct tcp_states want;
} masks[] = {
	{ "every state", SOCK_DIAG_ALL_STATES,
	  { .n = { [STATE_LISTEN] = 1, [STATE_ESTABLISHED] = 6, [STATE_TIME_WAIT] = 2,
		   [STATE_FIN_WAIT2] = 3, [STATE_CLOSE_WAIT] = 3 } } },
	{ "FIN_WAIT2 is sockets and minisocks, and no TIME_WAIT", 1u << STATE_FIN_WAIT2,
	  { .n = { [STATE_FIN_WAIT2] = 3 } } },
	{ "TIME_WAIT is no FIN_WAIT2", 1u << STATE_TIME_WAIT,
	  { .n = { [STATE_TIME_WAIT] = 2 } } },
	{ "LISTEN alone", 1u << STATE_LISTEN,
	  { .n = { [STATE_LISTEN] = 1 } } },
	{ "two of them", 1u << STATE_ESTABLISHED | 1u << STATE_CLOSE_WAIT,
	  { .n = { [STATE_ESTABLISHED] = 6, [STATE_CLOSE_WAIT] = 3 } } },
	{ "one nobody is in", 1u << STATE_LAST_ACK,
	  { .n = { 0 } } },
	{ "none", 0,
	  { .n = { 0 } } },
};
/* clang-format on */

TEST_ROWS(counts_the_states_asked_for, masks)
{
	struct sock_diag *d = open_here();
	int lfd = listener("[::]:5000");
	struct tcp_states got;

	connected(lfd, "[::1]:5000");
	connected(lfd, "[::1]:5000");
	connected(lfd, "[::ffff:127.0.0.1]:5000");
	time_wait(lfd, "[::1]:5000");
	time_wait(lfd, "[::ffff:127.0.0.2]:5000");
	for (int i = 0; i < 3; i++) {
		struct pair p = connected(lfd, "[::1]:5000");

		shutdown(p.client, SHUT_WR);
		if (i > 0)
			close(p.client);
	}
	wait_count(d, STATE_FIN_WAIT2, 3); /* the ACK of a FIN may come 40 ms late */
	got = count(d, row->states);
	for (unsigned i = 1; i < TCP_STATE_MAX; i++)
		ck_assert_msg(got.n[i] == row->want.n[i], "%s: %s is %u", row->what,
			      tcp_state_name(i), (unsigned)got.n[i]);
	sock_diag_close(d);
}

TEST(counts_more_than_a_message_holds)
{
	struct sock_diag *d = open_here();
	int lfd = listener("[::]:5000");

	for (int i = 0; i < MANY; i++)
		time_wait(lfd, i % 2 ? "[::1]:5000" : "[::ffff:127.0.0.1]:5000");
	ck_assert_uint_eq(count(d, SOCK_DIAG_ALL_STATES).n[STATE_TIME_WAIT], MANY);
	sock_diag_close(d);
}

TEST(a_bound_socket_is_close_when_asked_for)
{
	struct sock_diag *d = open_here();
	unsigned major, minor;
	struct utsname name;

	bound("[::1]:5000");
	uname(&name);
	ck_assert_int_eq(sscanf(name.release, "%u.%u", &major, &minor), 2);
	ck_assert_uint_eq(count(d, SOCK_DIAG_ALL_STATES).n[STATE_CLOSE], 0);
	if (major > 6 || (major == 6 && minor >= 8))
		ck_assert_uint_eq(count(d, SOCK_DIAG_BOUND).n[STATE_CLOSE], 1);
	sock_diag_close(d);
}

/* ---- the port filter: what the kernel gives is what we would have kept of everything */

struct rows {
	struct sock_diag_row at[4 * LISTENERS];
	unsigned n;
};

static int keep(const struct sock_diag_row *row, void *arg)
{
	struct rows *rows = arg;

	ck_assert_uint_lt(rows->n, 4 * LISTENERS);
	rows->at[rows->n++] = *row;
	return 0;
}

static bool inside(const struct port_range *r, unsigned n, uint16_t port)
{
	for (unsigned i = 0; i < n; i++)
		if (port >= r[i].lo && port <= r[i].hi)
			return true;
	return false;
}

static bool passes(const struct sock_diag_query *q, const struct sock_diag_row *row)
{
	if (!q->n_local && !q->n_remote)
		return true;
	return inside(q->local, q->n_local, row->local_port) ||
	       inside(q->remote, q->n_remote, row->remote_port);
}

static unsigned filter(const struct sock_diag_query *q, const struct rows *all,
		       struct rows *into)
{
	into->n = 0;
	for (unsigned i = 0; i < all->n; i++)
		if (passes(q, &all->at[i]))
			into->at[into->n++] = all->at[i];
	return into->n;
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct sock_diag_row *a = pa, *b = pb;

	if (a->local_port != b->local_port)
		return a->local_port < b->local_port ? -1 : 1;
	if (a->remote_port != b->remote_port)
		return a->remote_port < b->remote_port ? -1 : 1;
	return a->state - b->state;
}

static void expect_same(struct sock_diag *d, const struct sock_diag_query *q,
			const struct rows *all, const char *what)
{
	struct rows got = { .n = 0 }, want;
	unsigned n = filter(q, all, &want);

	ck_assert_int_eq(sock_diag_dump(d, q, keep, &got, NULL), 0);
	ck_assert_msg(got.n == n, "%s: %u, not %u", what, got.n, n);
	qsort(got.at, got.n, sizeof(got.at[0]), compare_rows);
	qsort(want.at, want.n, sizeof(want.at[0]), compare_rows);
	for (unsigned i = 0; i < n; i++)
		ck_assert_msg(compare_rows(&got.at[i], &want.at[i]) == 0, "%s: row %u",
			      what, i);
}

/* Listeners on 5000, 5010, ...; on every one a connection, one in TIME_WAIT and, beside
 * them, clients on ephemeral ports. */
static void make_crowd(struct sock_diag *d, struct rows *all)
{
	const struct sock_diag_query everything = { .states = SOCK_DIAG_ALL_STATES };

	for (uint16_t i = 0; i < LISTENERS; i++) {
		const char *host = i % 2 ? "::1" : "::ffff:127.0.0.1";
		char at[ADDR_TEXT];
		int lfd;

		snprintf(at, sizeof(at), "[%s]:%d", host, 5000 + 10 * i);
		lfd = listener(at);
		connected(lfd, at);
		time_wait(lfd, at);
	}
	all->n = 0;
	ck_assert_int_eq(sock_diag_dump(d, &everything, keep, all, NULL), 0);
	ck_assert_uint_eq(all->n, 4 * LISTENERS);
}

/* clang-format off */
static const struct {
	const char *what;
	struct sock_diag_query q;
} filters[] = {
	{ "no filter", { .n_local = 0 } },
	{ "one local port",         { .local = { { 5010, 5010 } }, .n_local = 1 } },
	{ "one remote port",        { .remote = { { 5010, 5010 } }, .n_remote = 1 } },
	{ "either",                 { .local = { { 5010, 5010 } }, .n_local = 1,
				      .remote = { { 5010, 5010 } }, .n_remote = 1 } },
	{ "a range, ends included", { .local = { { 5010, 5050 } }, .n_local = 1 } },
	{ "one below a port",       { .local = { { 5009, 5009 } }, .n_local = 1 } },
	{ "all ports",              { .local = { { 0, 65535 } }, .n_local = 1 } },
	{ "remote port 0: LISTEN",  { .remote = { { 0, 0 } }, .n_remote = 1 } },
	{ "the last of three",      { .local = { { 1, 1 }, { 2, 2 }, { 5020, 5030 } },
				      .n_local = 3 } },
	{ "the first of three",     { .local = { { 5020, 5030 }, { 1, 1 }, { 2, 2 } },
				      .n_local = 3 } },
	{ "an empty range",         { .local = { { 5030, 5020 } }, .n_local = 1 } },
	{ "of one state",           { .remote = { { 5000, 5100 } }, .n_remote = 1,
				      .states = 1u << STATE_TIME_WAIT } },
};
/* clang-format on */

static void keep_states(const struct sock_diag_query *q, struct rows *all)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < all->n; i++)
		if (q->states >> all->at[i].state & 1)
			all->at[kept++] = all->at[i];
	all->n = kept;
}

TEST(the_kernel_filters_ports)
{
	struct sock_diag *d = open_here();
	struct rows all;

	make_crowd(d, &all);
	for (int i = 0; i < ROWS(filters); i++) {
		struct sock_diag_query q = filters[i].q;
		struct rows of_state = all;

		if (!q.states)
			q.states = SOCK_DIAG_ALL_STATES;
		keep_states(&q, &of_state);
		expect_same(d, &q, &of_state, filters[i].what);
	}
	sock_diag_close(d);
}

static unsigned random_ranges(struct rng *rng, const struct rows *all,
			      struct port_range *r)
{
	unsigned n = (unsigned)rng_below(rng, SOCK_DIAG_RANGES + 1);

	for (unsigned i = 0; i < n; i++) {
		const struct sock_diag_row *near = &all->at[rng_below(rng, all->n)];
		uint16_t port = rng_below(rng, 2) ? near->local_port : near->remote_port;

		r[i].lo = (uint16_t)(port + rng_below(rng, 3) - 1);
		r[i].hi = (uint16_t)(r[i].lo + rng_below(rng, 3) * rng_below(rng, 20));
	}
	return n;
}

TEST(the_kernel_filters_any_ranges)
{
	struct sock_diag *d = open_here();
	struct rows all;
	struct rng rng;
	char what[32];

	make_crowd(d, &all);
	rng_seed(&rng, 1);
	for (int i = 0; i < 300; i++) {
		struct sock_diag_query q = { .states = SOCK_DIAG_ALL_STATES };

		q.n_local = random_ranges(&rng, &all, q.local);
		q.n_remote = random_ranges(&rng, &all, q.remote);
		snprintf(what, sizeof(what), "random filter %d", i);
		expect_same(d, &q, &all, what);
	}
	sock_diag_close(d);
}

/* ---- what a row says */

/* clang-format off */
static const struct {
	const char *what, *listen, *connect;
	int family;
	const char *host;
} addresses[] = {
	{ "IPv6", "[::1]:5000", "[::1]:5000", AF_INET6, "::1" },
	{ "v4-mapped is IPv4", "[::ffff:127.0.0.5]:5000", "[::ffff:127.0.0.5]:5000", AF_INET,
	  "127.0.0.5" },
	{ "v4-mapped to a wildcard", "[::]:5000", "[::ffff:127.0.0.5]:5000", AF_INET, "127.0.0.5" },
};
/* clang-format on */

struct told {
	char local[64], remote[64];
	struct sock_diag_row row;
	unsigned n;
};

static int tell(const struct sock_diag_row *row, void *arg)
{
	struct told *t = arg;

	inet_ntop(row->family, row->local, t->local, sizeof(t->local));
	inet_ntop(row->family, row->remote, t->remote, sizeof(t->remote));
	t->row = *row;
	t->n++;
	return 0;
}

TEST_ROWS(tells_addresses, addresses)
{
	const struct sock_diag_query q = { .states = 1u << STATE_ESTABLISHED,
					   .remote = { { 5000, 5000 } },
					   .n_remote = 1 };
	struct sock_diag *d = open_here();
	struct told t = { .n = 0 };

	connected(listener(row->listen), row->connect);
	ck_assert_int_eq(sock_diag_dump(d, &q, tell, &t, NULL), 0);
	ck_assert_uint_eq(t.n, 1);
	ck_assert_msg(t.row.family == row->family, "%s", row->what);
	ck_assert_str_eq(t.remote, row->host);
	ck_assert_uint_eq(t.row.remote_port, 5000);
	ck_assert_uint_ne(t.row.inode, 0);
	sock_diag_close(d);
}

TEST(tells_the_time_left)
{
	const struct sock_diag_query q = { .states = 1u << STATE_TIME_WAIT };
	struct sock_diag *d = open_here();
	struct told t = { .n = 0 };

	time_wait(listener("[::1]:5000"), "[::1]:5000");
	ck_assert_int_eq(sock_diag_dump(d, &q, tell, &t, NULL), 0);
	ck_assert_uint_eq(t.n, 1);
	ck_assert_uint_eq(t.row.timer, 3);
	ck_assert_uint_gt(t.row.expires_ms, 1000);
	ck_assert_uint_le(t.row.expires_ms, 60000);
	ck_assert_uint_eq(t.row.inode, 0);
	sock_diag_close(d);
}

static int stop_at_third(const struct sock_diag_row *row, void *arg)
{
	unsigned *n = arg;

	(void)row;
	return ++*n == 3 ? 42 : 0;
}

TEST(stops_when_told_and_dumps_again)
{
	const struct sock_diag_query q = { .states = SOCK_DIAG_ALL_STATES };
	struct sock_diag *d = open_here();
	int lfd = listener("[::]:5000");
	unsigned n = 0;

	for (int i = 0; i < MANY; i++)
		time_wait(lfd, "[::ffff:127.0.0.1]:5000");
	ck_assert_int_eq(sock_diag_dump(d, &q, stop_at_third, &n, NULL), 42);
	ck_assert_uint_eq(n, 3);
	ck_assert_uint_eq(count(d, SOCK_DIAG_ALL_STATES).n[STATE_TIME_WAIT], MANY);
	sock_diag_close(d);
}

int main(void)
{
	return private_netns_works() ? check_main("sock_diag", check_tests) : 77;
}
