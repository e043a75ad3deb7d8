/* The close strategies: who moves first, the numbers on the wire, and mixes of them. */
#include "common/talk/closing.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/check_main.h"

/* clang-format off */
/* One row a strategy; the numbers are on the wire and must never change. */
static const struct strategy {
	const char *name;
	unsigned number;
	bool client_first, server_first;
	const char *time_wait;
	enum port_life port;
	const char *client_end, *server_end; /* where the ways of the two sides end */
	/* who sends RST; may the FIN go with the last request, with the last response? */
	bool client_resets, server_resets, request_may_fin, response_may_fin;
	bool client_says_farewell, server_says_farewell;
	bool connect_only, needs_response, reset, together;
} strategies[] = {
#define Y true
#define _ false
	{ "client-fin",     1, Y, _, "client", PORT_TIME_WAIT,    "CLOSED",     "CLOSED",     _, _, _, _, Y, _, Y, _, _, _ },
	{ "server-fin",     2, _, Y, "server", PORT_FREE_AT_ONCE, "CLOSED",     "CLOSED",     _, _, _, Y, _, Y, _, _, _, _ },
	{ "client-half",    3, Y, _, "client", PORT_TIME_WAIT,    "CLOSED",     "CLOSED",     _, _, Y, Y, Y, Y, Y, _, _, _ },
	{ "server-half",    4, _, Y, "server", PORT_FREE_AT_ONCE, "CLOSED",     "CLOSED",     _, _, _, Y, Y, Y, _, _, _, _ },
	{ "both",           5, Y, Y, "either", PORT_TIME_WAIT,    "CLOSED",     "CLOSED",     _, _, _, _, _, _, _, _, _, Y },
	{ "client-rst",     6, Y, _, "nobody", PORT_FREE_AT_ONCE, "RST",        "RST",        Y, _, _, _, _, _, Y, _, Y, _ },
	{ "server-rst",     7, _, Y, "nobody", PORT_FREE_AT_ONCE, "RST",        "RST",        _, Y, _, _, _, _, _, _, Y, _ },
	{ "passive-rst",    8, _, Y, "nobody", PORT_FREE_AT_ONCE, "RST",        "RST",        Y, _, _, Y, _, Y, _, _, _, _ },
	{ "client-unread",  9, Y, _, "nobody", PORT_FREE_AT_ONCE, "RST",        "RST",        Y, _, _, _, _, _, _, Y, Y, _ },
	{ "client-leak",   10, _, Y, "nobody", PORT_HELD,         "CLOSE_WAIT", "FIN_WAIT2",  _, _, _, Y, _, Y, _, _, _, _ },
	{ "server-leak",   11, Y, _, "nobody", PORT_FIN_WAIT2,    "FIN_WAIT2",  "CLOSE_WAIT", _, _, _, _, Y, _, _, _, _, _ },
	{ "tls-answer",    12, Y, _, "nobody", PORT_FREE_AT_ONCE, "RST",        "RST",        _, _, _, _, Y, Y, _, _, _, _ },
	{ "tls-bare-fin",  13, Y, _, "client", PORT_TIME_WAIT,    "CLOSED",     "CLOSED",     _, _, _, _, _, _, Y, _, _, _ },
	{ "tls-uncorked",  14, Y, _, "either", PORT_TIME_WAIT,    "CLOSED",     "CLOSED",     _, _, _, _, Y, _, _, _, _, _ },
#undef Y
#undef _
};
/* clang-format on */

static const char *end_of(const char *way)
{
	return strrchr(way, ' ') + 1;
}

/* On whom the ways of the two sides leave TIME_WAIT. */
static const char *where(const struct closing *c)
{
	bool client = strstr(closing_way(c, &c->client), "TIME_WAIT");
	bool server = strstr(closing_way(c, &c->server), "TIME_WAIT");

	if (client && server)
		return "either";
	return client ? "client" : server ? "server" : "nobody";
}

/* A side whose FIN is out may come to TIME_WAIT; it does unless a RST or the peer's FIN is
 * quicker. */
static void check_entries(const char *name, const char *way,
			  const struct closing_span *entries)
{
	bool enters = strstr(way, "FIN_WAIT");
	bool surely = strstr(way, "FIN_WAIT2") && strcmp(end_of(way), "RST") != 0;

	ck_assert_msg(entries->most == enters && entries->least == surely,
		      "%s: %u to %u entries, and its way is %s", name, entries->least,
		      entries->most, way);
}

#define SAME(what, c, row)                                                               \
	ck_assert_msg((what) == (row), "%s: " #what " is %d, not %d", (c)->name,         \
		      (int)(what), (int)(row))
#define SAME_TEXT(what, c, row)                                                          \
	ck_assert_msg(strcmp(what, row) == 0, "%s: " #what " is %s, not %s", (c)->name,  \
		      what, row)

TEST_ROWS(every_strategy_is_what_it_says, strategies)
{
	const struct closing *c = closing_by_name(row->name);

	ck_assert_msg(c, "%s is gone", row->name);
	SAME(closing_number(c), c, row->number);
	SAME(closing_by_number(row->number) == c, c, true);
	SAME(closing_moves_first(&c->client), c, row->client_first);
	SAME(closing_moves_first(&c->server), c, row->server_first);
	SAME_TEXT(where(c), c, row->time_wait);
	SAME(strstr(c->time_wait, row->time_wait) == c->time_wait, c, true);
	SAME_TEXT(end_of(closing_way(c, &c->client)), c, row->client_end);
	SAME_TEXT(end_of(closing_way(c, &c->server)), c, row->server_end);
	SAME(closing_sends_rst(&c->client), c, row->client_resets);
	SAME(closing_sends_rst(&c->server), c, row->server_resets);
	SAME(closing_request_may_fin(c), c, row->request_may_fin);
	SAME(closing_response_may_fin(c), c, row->response_may_fin);
	SAME(closing_says_farewell(&c->client, &c->server), c, row->client_says_farewell);
	SAME(closing_says_farewell(&c->server, &c->client), c, row->server_says_farewell);
	SAME(c->client_port, c, row->port);
	SAME(c->connect_only, c, row->connect_only);
	SAME(c->needs_response, c, row->needs_response);
	SAME(c->peer_expects_reset, c, row->reset);
	SAME(c->together, c, row->together);
	ck_assert_ptr_nonnull(c->what);
	check_entries(c->name, closing_way(c, &c->client), &c->client_entries);
	check_entries(c->name, closing_way(c, &c->server), &c->server_entries);
}

TEST(the_table_and_the_rows_here_are_the_same)
{
	for (unsigned i = 1; i < n_closings; i++)
		ck_assert_msg(i <= ROWS(strategies), "%s has no row here",
			      closings[i].name);
	ck_assert_uint_le(n_closings, CLOSINGS_MAX);
}

/* Somebody has to begin, and whoever waits for EOF has to get one. */
TEST_ROWS(no_strategy_waits_for_ever, strategies)
{
	const struct closing *c = closing_by_number(row->number);
	bool client_first = closing_moves_first(&c->client);
	bool server_first = closing_moves_first(&c->server);

	ck_assert_msg(client_first || server_first, "%s", c->name);
	SAME(client_first && server_first, c, c->together);
	/* without a header the server only ever waits */
	ck_assert_msg(!c->connect_only ||
			      (!server_first && c->server.finish == FINISH_CLOSE),
		      "%s", c->name);
}

static const unsigned no_numbers[] = { 0, ROWS(strategies) + 1, 16, 255, 1000000, ~0u };

TEST_ROWS(other_numbers_are_refused, no_numbers)
{
	ck_assert_ptr_null(closing_by_number(*row));
}

static const char *const no_names[] = { "",           "client",
					"client-fi",  "client-finn",
					"Client-fin", " client-fin",
					"0",          "(null)" };

TEST_ROWS(other_names_are_refused, no_names)
{
	ck_assert_ptr_null(closing_by_name(*row));
}

/* clang-format off */
static const struct {
	const char *what, *text, *says;
} bad_mixes[] = {
	{ "nothing", "", "there is no close strategy ''" },
	{ "unknown", "client-fun", "there is no close strategy 'client-fun'" },
	{ "unknown in a mix", "client-fin:1,nobody:1", "there is no close strategy 'nobody'" },
	{ "no weight in a mix", "client-fin,client-rst:10", "each strategy needs a weight" },
	{ "no weight at its end", "client-fin:9,client-rst", "each strategy needs a weight" },
	{ "a comma too many", "client-fin:90,", "needs a weight" },
	{ "only a comma", ",", "needs a weight" },
	{ "weight 0", "client-fin:0", "the weight of 'client-fin'" },
	{ "weight below 0", "client-fin:-1", "the weight of 'client-fin'" },
	{ "weight missing", "client-fin:", "the weight of 'client-fin'" },
	{ "weight a word", "client-fin:x", "the weight of 'client-fin'" },
	{ "weight with more behind", "client-fin:9%", "the weight of 'client-fin'" },
	{ "two weights", "client-fin:9:9", "the weight of 'client-fin'" },
	{ "weight not whole", "client-fin:0.5,client-rst:0.5", "the weight of" },
	{ "weight too large", "client-fin:1000001", "from 1 to 1000000" },
	{ "weight far too large", "client-fin:99999999999999999999999", "from 1 to 1000000" },
	{ "too many",
	  "both:1,both:1,both:1,both:1,both:1,both:1,both:1,both:1,both:1,"
	  "both:1,both:1,both:1,both:1,both:1,both:1,both:1,both:1",
	  "at most 16" },
};
/* clang-format on */

TEST_ROWS(a_bad_mix_is_a_usage_error, bad_mixes)
{
	struct closing_mix mix = { .n = 77 };
	struct err err = { 0 };

	ck_assert_msg(closing_mix_parse(row->text, &mix, &err) < 0, "%s", row->what);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strstr(err.text, row->says), "%s: %s", row->what, err.text);
	ck_assert_uint_eq(mix.n, 77); /* untouched */
}

static const struct {
	const char *what, *text;
	unsigned n, weight[4];
} mixes[] = {
	{ "one", "client-fin", 1, { 1 } },
	{ "one with a weight", "client-fin:7", 1, { 1 } },
	{ "90 to 10", "client-fin:90,client-rst:10", 2, { 9, 1 } },
	{ "99 to 1", "client-fin:99,client-rst:1", 2, { 99, 1 } },
	{ "half and half", "client-fin:50,client-rst:50", 2, { 1, 1 } },
	{ "thirds", "both:2,client-fin:2,client-rst:2", 3, { 1, 1, 1 } },
	{ "primes", "client-fin:7,server-fin:5,client-rst:3,both:2", 4, { 7, 5, 3, 2 } },
	{ "62 of 100", "client-fin:62,client-rst:38", 2, { 31, 19 } },
	{ "rare", "client-fin:999,client-rst:1", 2, { 999, 1 } },
	{ "a large round", "client-fin:4999,client-rst:5000", 2, { 4999, 5000 } },
	{ "the same twice", "both:1,both:2", 2, { 1, 2 } },
};

static struct closing_mix parsed(const char *text)
{
	struct closing_mix mix;
	struct err err = { 0 };

	ck_assert_msg(closing_mix_parse(text, &mix, &err) == 0, "%s: %s", text, err.text);
	return mix;
}

TEST_ROWS(weights_are_divided_by_their_common_factor, mixes)
{
	struct closing_mix mix = parsed(row->text);
	unsigned total = 0;

	ck_assert_uint_eq(mix.n, row->n);
	for (unsigned i = 0; i < mix.n; i++) {
		ck_assert_uint_eq(mix.part[i].weight, row->weight[i]);
		total += mix.part[i].weight;
	}
	ck_assert_uint_eq(mix.total, total);
}

/* Which part made the pick: parts may name the same strategy, so sums are by strategy. */
static void count_round(const struct closing_mix *mix, uint64_t from, unsigned *got)
{
	for (uint64_t k = from; k < from + mix->total; k++)
		got[closing_number(closing_mix_at(mix, k))]++;
}

TEST_ROWS(every_round_has_exact_shares, mixes)
{
	struct closing_mix mix = parsed(row->text);
	const uint64_t starts[] = { 0, 1, mix.total / 2, 1000003, 1ull << 40 };

	for (unsigned s = 0; s < 5; s++) {
		unsigned got[CLOSINGS_MAX] = { 0 }, wanted[CLOSINGS_MAX] = { 0 };

		count_round(&mix, starts[s], got);
		for (unsigned i = 0; i < mix.n; i++)
			wanted[closing_number(mix.part[i].closing)] += mix.part[i].weight;
		ck_assert_msg(memcmp(got, wanted, sizeof(got)) == 0, "%s, from %llu",
			      row->what, (unsigned long long)starts[s]);
	}
}

/* At any moment a strategy is only a few connections from its share. */
TEST_ROWS(a_mix_is_spread_evenly, mixes)
{
	struct closing_mix mix = parsed(row->text);
	const struct closing *first = mix.part[0].closing;
	double share = 0, worst = 0;
	unsigned got = 0;

	for (unsigned i = 0; i < mix.n; i++)
		if (mix.part[i].closing == first)
			share += (double)mix.part[i].weight / mix.total;
	for (unsigned k = 0; k < 2 * mix.total; k++) {
		got += closing_mix_at(&mix, k) == first;
		worst = fmax(worst, fabs(got - share * (k + 1)));
	}
	ck_assert_msg(worst <= 1 + log2(mix.total) / 3, "%s: %.1f off", row->what, worst);
}

/* clang-format off */
static const struct {
	const char *what, *text;
	double life[4]; /* by enum port_life */
} shares[] = {
	{ "client-fin", "client-fin", { 0, 1, 0, 0 } },
	{ "server-fin", "server-fin", { 1, 0, 0, 0 } },
	{ "the leaks", "client-leak:1,server-leak:3", { 0, 0, 0.75, 0.25 } },
	{ "one of each", "client-rst:40,both:30,server-leak:20,client-leak:10", { 0.4, 0.3, 0.2, 0.1 } },
	{ "two of a kind", "client-fin:25,client-half:25,server-rst:50", { 0.5, 0.5, 0, 0 } },
};
/* clang-format on */

TEST_ROWS(shares_by_what_happens_to_the_port, shares)
{
	struct closing_mix mix = parsed(row->text);

	for (int life = 0; life < 4; life++)
		ck_assert_double_eq_tol(closing_mix_share(&mix, (enum port_life)life),
					row->life[life], 1e-12);
}

/* clang-format off */
static const struct {
	const char *meant, *client_first, *server_first;
} came[] = {
	{ "client-fin", "client-fin", "server-fin" },
	{ "client-half", "client-half", "server-fin" },
	{ "client-rst", "client-rst", "passive-rst" },
	{ "client-unread", "client-fin", "server-fin" },
	{ "server-leak", "server-leak", "server-fin" },
	{ "server-fin", "client-fin", "server-fin" },
	{ "server-half", "client-fin", "server-half" },
	{ "server-rst", "client-fin", "server-rst" },
	{ "passive-rst", "client-rst", "passive-rst" },
	{ "client-leak", "client-fin", "client-leak" },
	{ "both", "both", "both" },
};
/* clang-format on */

TEST_ROWS(who_moved_first_decides, came)
{
	const struct closing *c = closing_by_name(row->meant);

	ck_assert_str_eq(closing_as_it_came(c, false)->name, row->client_first);
	ck_assert_str_eq(closing_as_it_came(c, true)->name, row->server_first);
}

/* A connected pair over loopback. */
static void make_pair(int *a, int *b)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert(bind(l, (struct sockaddr *)&at, len) == 0 && listen(l, 1) == 0);
	ck_assert(getsockname(l, (struct sockaddr *)&at, &len) == 0);
	*a = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(connect(*a, (struct sockaddr *)&at, len) == 0);
	*b = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(*b, 0);
	close(l);
}

TEST(finish_sends_fin_or_rst)
{
	int a, b;
	char c;

	make_pair(&a, &b);
	ck_assert_int_eq(closing_finish_fd(a, FINISH_CLOSE), 0);
	ck_assert_int_eq(recv(b, &c, 1, 0), 0);
	close(b);
	make_pair(&a, &b);
	ck_assert_int_eq(closing_finish_fd(a, FINISH_RST), 0);
	ck_assert_int_eq(recv(b, &c, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	close(b);
	ck_assert_int_eq(closing_finish_fd(-1, FINISH_CLOSE), -EBADF);
	ck_assert_int_eq(closing_finish_fd(-1, FINISH_RST), -EBADF);
}

TEST(finish_closes_what_is_no_socket_too)
{
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(closing_finish_fd(fds[0], FINISH_RST), -ENOTSOCK);
	ck_assert_int_eq(close(fds[0]), -1); /* it is gone all the same */
	close(fds[1]);
}

CHECK_MAIN("closing")
