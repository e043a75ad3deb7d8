/* What a live look of twstorm doctor concludes from the kernel's events, and from sockets that it merges. */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "bench/doctor/crowd.h"
#include "bench/doctor/failing.h"
#include "bench/doctor/failures.h"
#include "tests/check_main.h"

#define NEVER   .min_rtt_us = UINT32_MAX
#define AT(...) .info = { .there = true, __VA_ARGS__ }

static const unsigned char peer[16] = { 198, 18, 0, 2 }, nobody[16];

/* clang-format off */
static const struct {
	const char *what;
	struct sock_diag_row row;
	bool no_peer, server, retried;
	enum traffic want;
} rows[] = {
	{ "no port", { AT(NEVER) }, .want = TRAFFIC_NO_PORT },
	{ "IPv6: it may have been that", { AT(NEVER), .is_six = true }, .want = TRAFFIC_BEFORE_PORT },
	{ "bind() failed, or it was never used", { AT(NEVER) }, .no_peer = true, .want = TRAFFIC_OTHER },
	{ "refused, in connect()", { AT(NEVER), .local_port = 9 }, .want = TRAFFIC_REFUSED },
	{ "timed out, in connect()", { AT(NEVER), .local_port = 9 }, .retried = true, .want = TRAFFIC_NO_ANSWER },
	{ "refused, of an event loop", { AT(NEVER, .segs_in = 1), .local_port = 9, .remote_port = 80 }, .want = TRAFFIC_REFUSED },
	{ "given up", { AT(NEVER), .local_port = 9, .remote_port = 80 }, .want = TRAFFIC_NO_ANSWER },
	{ "reset by us", { AT(.min_rtt_us = 9), .local_port = 9 }, .want = TRAFFIC_ABORTED },
	{ "a client's, orderly: SYN and FIN", { AT(.bytes_acked = 12, .bytes_sent = 10, .data_segs_out = 2, .data_segs_in = 1),
	  .local_port = 9, .remote_port = 80 }, .want = TRAFFIC_ENDED },
	{ "of one exchange", { AT(.bytes_acked = 12, .bytes_sent = 10, .data_segs_out = 1, .data_segs_in = 1),
	  .local_port = 9, .remote_port = 80 }, .want = TRAFFIC_ONE_EXCHANGE },
	{ "sent twice", { AT(.bytes_acked = 12, .bytes_sent = 20, .bytes_retrans = 10), .local_port = 9, .remote_port = 80 },
	  .want = TRAFFIC_ENDED },
	{ "a server's: FIN alone", { AT(.bytes_acked = 11, .bytes_sent = 10), .local_port = 80, .remote_port = 9 }, .server = true,
	  .want = TRAFFIC_ENDED },
	{ "a client's without its FIN", { AT(.bytes_acked = 11, .bytes_sent = 10), .local_port = 9, .remote_port = 80 },
	  .want = TRAFFIC_RESET },
	{ "with bytes that nobody acknowledged", { AT(.bytes_acked = 1, .bytes_sent = 10), .local_port = 9, .remote_port = 80 },
	  .want = TRAFFIC_RESET },
	{ "a server's without its FIN", { AT(.bytes_acked = 10, .bytes_sent = 10), .local_port = 80, .remote_port = 9 },
	  .server = true, .want = TRAFFIC_RESET },
	{ "after retransmissions", { AT(.bytes_acked = 1, .bytes_sent = 20, .retransmits = 4), .local_port = 9, .remote_port = 80 },
	  .want = TRAFFIC_NO_ANSWER },
	{ "of an old kernel", { .local_port = 9, .remote_port = 80 }, .want = TRAFFIC_OTHER },
};
/* clang-format on */

TEST_ROWS(an_event_is_what_it_came_to, rows)
{
	struct failing_event e = { .row = row->row, .retried = row->retried };

	e.row.family = row->row.is_six ? AF_INET6 : AF_INET;
	e.row.remote = row->no_peer ? nobody : peer;
	ck_assert_msg(failing_kind(&e, row->server) == row->want, "%s", row->what);
}

/* ---- facts */

static struct endpoint end(uint8_t last, uint16_t port)
{
	struct endpoint e = { .host = { 198, 18, 0, last },
			      .port = port,
			      .kind = HOST_V4 };

	return e;
}

static void traffic(struct reading *r, unsigned n, uint8_t last, uint16_t port,
		    enum traffic kind)
{
	struct endpoint e = end(last, port);

	while (n--)
		reading_traffic(r, &e, kind);
}

static void sockets(struct reading *r, unsigned n, uint8_t last, unsigned state,
		    int32_t left_ms)
{
	struct noted_socket s = { .n = 1,
				  .state = (uint8_t)state,
				  .left_ms = left_ms,
				  .age_ms = -1,
				  .local_kind = HOST_V4,
				  .remote_kind = HOST_V4,
				  .remote_port = 80,
				  .flags = NOTED_CLIENT };
	struct endpoint to = end(last, 80), from = end(1, 0);

	memcpy(s.remote, to.host, sizeof(s.remote));
	memcpy(s.local, from.host, sizeof(s.local));
	while (n--)
		ck_assert_ptr_nonnull(noted_add(&r->seen, &s));
}

TEST(equal_sockets_are_one_entry_and_all_are_counted)
{
	struct reading r = { .live = true, .sides_told = true, .seen.merging = true };
	static struct facts f;

	sockets(&r, 1000, 2, STATE_TIME_WAIT, 30050);
	sockets(&r, 500, 2, STATE_TIME_WAIT, 29950);
	sockets(&r, 7, 2, STATE_ESTABLISHED, -1);
	sockets(&r, 3, 3, STATE_TIME_WAIT, 30050);
	ck_assert_uint_eq(r.seen.n, 4);
	ck_assert_int_eq(facts_of(&r, &f, NULL), 0);
	ck_assert_uint_eq(f.listed, 1510);
	ck_assert_uint_eq(f.states[STATE_TIME_WAIT].n, 1503);
	ck_assert_uint_eq(f.born[29], 1003);
	ck_assert_uint_eq(f.born[30], 500);
	ck_assert_uint_eq(f.remote[0].ports_used, 1507);
	reading_done(&r);
}

TEST(six_found_no_port_only_where_all_are_taken)
{
	struct reading r = { .live = true,
			     .sides_told = true,
			     .seen.merging = true,
			     .range_lo = { true, 1000 },
			     .range_hi = { true, 1009 },
			     .failing.known = true };
	static struct facts f;

	sockets(&r, 10, 2, STATE_TIME_WAIT, 30050);
	sockets(&r, 8, 3, STATE_TIME_WAIT, 30050);
	traffic(&r, 5, 2, 0, TRAFFIC_BEFORE_PORT);
	traffic(&r, 4, 3, 0, TRAFFIC_BEFORE_PORT);
	traffic(&r, 3, 4, 0, TRAFFIC_NO_PORT);
	ck_assert_int_eq(facts_of(&r, &f, NULL), 0);
	ck_assert_uint_eq(f.failing[TRAFFIC_NO_PORT].n.n, 8);
	ck_assert_str_eq(f.failing[TRAFFIC_NO_PORT].at, "198.18.0.2");
	ck_assert_uint_eq(f.failing[TRAFFIC_BEFORE_PORT].n.n, 4);
	reading_done(&r);
}

TEST(a_pool_is_too_small_where_others_close_beside_it)
{
	struct reading r = { .live = true, .failing.known = true };
	static struct facts f;

	traffic(&r, 50, 2, 80, TRAFFIC_ONE_EXCHANGE);
	traffic(&r, 90, 3, 80, TRAFFIC_ONE_EXCHANGE); /* nothing is kept there */
	traffic(&r, 4, 2, 80, TRAFFIC_KEPT_USED);
	ck_assert_int_eq(facts_of(&r, &f, NULL), 0);
	ck_assert_str_eq(f.pool.at, "198.18.0.2:80");
	ck_assert_uint_eq(f.pool.closed.n, 50);
	ck_assert_uint_eq(f.pool.kept_used.n, 4);
	reading_done(&r);
}

/* ---- remote ends that are too many */

#define ROUNDS                                                                           \
	5000 /* in each of them a socket more of three remote ends, and 20 of such as have no other */
#define LIGHT (20 * ROUNDS)
#define CROWD (3 * ROUNDS + LIGHT)

static struct noted_socket nth_socket(unsigned i)
{
	struct noted_socket s = { .n = 1,
				  .state = STATE_TIME_WAIT,
				  .left_ms = 30050,
				  .age_ms = -1,
				  .local_kind = HOST_V4,
				  .remote_kind = HOST_V4,
				  .flags = NOTED_CLIENT };
	bool heavy = i % 23 < 3;
	struct endpoint from = end(i / 23 % 5 ? 1 : 9, 0);
	struct endpoint to = end(heavy ? (uint8_t)(2 + i % 23) : (uint8_t)i, 0);

	to.host[1] = heavy ? 18 : 19;
	to.host[2] = heavy ? 0 : (uint8_t)(i >> 8);
	s.remote_port = heavy ? 80 : (uint16_t)(81 + (i >> 16));
	memcpy(s.remote, to.host, sizeof(s.remote));
	memcpy(s.local, from.host, sizeof(s.local));
	return s;
}

static const struct {
	bool counted;
} crowds[] = { { true }, { false } };

TEST_ROWS(of_a_crowd_those_that_have_most_stay_apart, crowds)
{
	struct reading r = {
		.live = true, .sides_told = true, .seen.merging = true, .seen.most = 8192
	};
	static struct facts f;
	struct crowd c = { 0 };

	for (unsigned i = row->counted ? CROWD : 0; i-- > 0;) {
		struct noted_socket s = nth_socket(i);

		crowd_count(&c, &r, &s);
	}
	for (unsigned i = 0; i < CROWD; i++) {
		struct noted_socket s = nth_socket(i);

		if (!r.crowded && noted_is_full(&r.seen))
			crowd_gather(&c, &r);
		if (r.crowded)
			crowd_fold(&c, &r, &s);
		ck_assert_ptr_nonnull(noted_add(&r.seen, &s));
	}
	crowd_done(&c);
	ck_assert_uint_lt(r.seen.n, 1000);
	ck_assert_int_eq(facts_of(&r, &f, NULL), 0);
	ck_assert_uint_eq(f.states[STATE_TIME_WAIT].n, CROWD);
	ck_assert_uint_eq(f.born[29], CROWD);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(f.remote[i].sockets, ROUNDS);
		ck_assert_uint_eq(f.remote[i].ports_used, ROUNDS * 4 / 5);
		ck_assert_str_eq(f.remote[i].from_text, "198.18.0.1");
	}
	ck_assert(!f.more_remotes.known);
	ck_assert_uint_ge(r.folded, LIGHT - CROWD_REMOTES);
	ck_assert_uint_le(r.folded, LIGHT);
	reading_done(&r);
}

/* ---- what tcp_tw_reuse would do */

/* clang-format off */
static const struct {
	uint64_t setting;
	uint8_t last, flags;
	bool off_here;
	enum reuse want;
} reuses[] = {
	{ 1, 2, NOTED_TIMESTAMPS, false, REUSE_WORKS },
	{ 1, 2, 0, false, REUSE_WORKS },
	{ 1, 2, NOTED_NO_TIMESTAMPS, false, REUSE_NO_TIMESTAMPS_THERE },
	{ 1, 2, 0, true, REUSE_NO_TIMESTAMPS_HERE },
	{ 2, 2, 0, false, REUSE_LOOPBACK_ONLY },
	{ 0, 2, NOTED_TIMESTAMPS, false, REUSE_OFF },
};
/* clang-format on */

TEST_ROWS(reuse_works_or_says_why_not, reuses)
{
	struct reading r = { .live = true, .sides_told = true, .seen.merging = true };
	static struct facts f;
	struct noted_socket open = { .n = 1,
				     .state = STATE_ESTABLISHED,
				     .left_ms = -1,
				     .age_ms = -1,
				     .local_kind = HOST_V4,
				     .remote_kind = HOST_V4,
				     .remote_port = 80,
				     .flags = NOTED_CLIENT | row->flags,
				     .remote = { 198, 18, 0, 2 },
				     .local = { 198, 18, 0, 1 } };

	r.sysctl[DS_tw_reuse] = maybe_of(row->setting);
	r.sysctl[DS_timestamps] = maybe_of(!row->off_here);
	sockets(&r, 100, 2, STATE_TIME_WAIT, 30050);
	sockets(&r, 10, 2, STATE_TIME_WAIT, 59850);
	ck_assert_ptr_nonnull(noted_add(&r.seen, &open));
	ck_assert_int_eq(facts_of(&r, &f, NULL), 0);
	ck_assert_int_eq(f.remote[0].reuse, row->want);
	ck_assert_uint_eq(f.remote[0].old_enough, 100);
	ck_assert_uint_eq(facts_held(&f.remote[0]), row->want == REUSE_WORKS ? 11 : 111);
	reading_done(&r);
}

TEST(ports_of_the_other_parity_were_bound_early)
{
	struct reading r = { .live = true,
			     .sides_told = true,
			     .seen.merging = true,
			     .range_lo = { true, 1000 },
			     .range_hi = { true, 1999 } };
	static struct facts f;
	struct noted_socket early = { .n = 100,
				      .state = STATE_ESTABLISHED,
				      .left_ms = -1,
				      .age_ms = -1,
				      .local_kind = HOST_V4,
				      .remote_kind = HOST_V4,
				      .remote_port = 80,
				      .flags = NOTED_CLIENT,
				      .local_port = 1,
				      .remote = { 198, 18, 0, 3 },
				      .local = { 198, 18, 0, 1 } };

	sockets(&r, 400, 2, STATE_TIME_WAIT, 30050);
	ck_assert_ptr_nonnull(noted_add(&r.seen, &early));
	ck_assert_int_eq(facts_of(&r, &f, NULL), 0);
	ck_assert_uint_eq(f.bound_early.n, 100);
	ck_assert_uint_eq(facts_budget(&f, &f.remote[0]), 900);
	ck_assert_uint_eq(facts_budget(&f, &f.remote[1]), 1000);
	reading_done(&r);
}

CHECK_MAIN("doctor, live")
