/* The moment at which both ends close: computed, never agreed upon. */
#include "common/loop/rendezvous.h"

#include <unistd.h>
#include "common/base/clock.h"
#include "common/loop/loop.h"
#include "tests/check_main.h"

#define NOW 1732256520000000000ull

static const uint16_t ports[] = { 0, 1, 127, 128, 32768, 40001, 60999, 65535 };

TEST_ROWS(the_moment_is_2_to_10_ms_ahead_and_pure, ports)
{
	for (uint64_t ns = 0; ns < 8 * NS_PER_MS; ns += 1009) {
		uint64_t at = rendezvous_moment(*row, NOW + ns);

		if (at < NOW + ns + 2 * NS_PER_MS || at > NOW + ns + 10 * NS_PER_MS ||
		    at != rendezvous_moment(*row, NOW + ns))
			ck_abort_msg("port %u, %llu ns", *row, (unsigned long long)ns);
	}
}

/* Ends that look at their clocks `apart` meet, unless a border lies between the two looks. */
static const struct {
	const char *what;
	uint64_t apart_ns, most_misses; /* of 1000 */
} slacks[] = {
	{ "at once", 0, 0 },
	{ "10 us", 10000, 3 },
	{ "100 us", 100000, 26 },
	{ "1 ms", NS_PER_MS, 251 },
};

TEST_ROWS(both_ends_compute_the_same_moment, slacks)
{
	unsigned misses = 0;

	for (unsigned i = 0; i < 1000; i++) {
		uint64_t now = NOW + i * 7919 * NS_PER_US / 1000 * 1000;
		uint64_t a = rendezvous_moment(40000, now);
		uint64_t b = rendezvous_moment(40000, now + row->apart_ns);

		misses += a != b;
		if (a != b && b - a != 4 * NS_PER_MS)
			ck_abort_msg("%llu apart", (unsigned long long)(b - a));
	}
	ck_assert_msg(misses <= row->most_misses, "%s: %u of 1000", row->what, misses);
}

TEST(neighbouring_ports_do_not_meet_at_once)
{
	for (unsigned p = 40000; p < 40128; p++)
		for (unsigned q = p + 1; q < 40128; q++)
			if (rendezvous_moment((uint16_t)p, NOW) ==
			    rendezvous_moment((uint16_t)q, NOW))
				ck_abort_msg("%u and %u", p, q);
}

static struct loop loop;
static struct rendezvous meeting;
static struct rendezvous_node nodes[8];
static int met[8], n_met;
static uint64_t moments[8], late_ns[8];

static void on_meet(struct rendezvous_node *node)
{
	int i = (int)(node - nodes);

	ck_assert_uint_eq(node->wall_ns, 0); /* it is off the list already */
	ck_assert_uint_ge(clock_wall_ns(), moments[i]);
	late_ns[i] = clock_wall_ns() - moments[i];
	met[n_met++] = i;
}

static void begin(void)
{
	struct err err;

	ck_assert_int_eq(loop_init(&loop, NULL, NULL, &err), 0);
	rendezvous_init(&meeting, &loop, 0, on_meet);
}

static void join(int i, uint16_t port, uint64_t now)
{
	moments[i] = rendezvous_moment(port, now);
	ck_assert_int_eq(rendezvous_join(&meeting, &nodes[i], port, now), 0);
	ck_assert_uint_eq(nodes[i].wall_ns, moments[i]);
}

/* Turns until `n` have met, a second at most. */
static void turn_until(int n)
{
	uint64_t until = clock_ns() + 5 * NS_PER_S;

	while (n_met < n && clock_ns() < until)
		loop_turn(&loop, clock_ns(), until);
	ck_assert_int_eq(n_met, n);
}

static void end(void)
{
	rendezvous_done(&meeting);
	rendezvous_done(&meeting);
	loop_done(&loop);
}

TEST(they_meet_in_the_order_of_their_moments)
{
	const uint16_t places[] = { 40, 3, 127, 0, 64, 65, 2, 90 };
	uint64_t now;

	now = clock_wall_ns();
	for (int i = 0; i < 8; i++)
		join(i, places[i], now);
	turn_until(8);
	for (int i = 1; i < 8; i++)
		ck_assert_uint_lt(moments[met[i - 1]], moments[met[i]]);
}

TEST(one_moment_for_several_is_first_come_first_met)
{
	uint64_t now;

	now = clock_wall_ns();
	for (int i = 0; i < 4; i++)
		join(i, 7, now);
	turn_until(4);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(met[i], i);
}

TEST_TIMES(who_leaves_is_not_met, 3)
{
	uint64_t now;

	now = clock_wall_ns();
	for (int i = 0; i < 3; i++)
		join(i, (uint16_t)(10 * i), now);
	rendezvous_leave(&meeting, &nodes[_i]);
	rendezvous_leave(&meeting, &nodes[_i]); /* twice does no harm */
	turn_until(2);
	loop_turn(&loop, clock_ns(), clock_ns() + 15 * NS_PER_MS);
	ck_assert_int_eq(n_met, 2);
	for (int i = 0; i < 2; i++)
		ck_assert_int_ne(met[i], _i);
	join(_i, 5, clock_wall_ns()); /* and may come again */
	turn_until(3);
}

TEST(a_moment_in_the_past_is_met_at_once)
{
	join(0, 5, clock_wall_ns() - NS_PER_S);
	turn_until(1);
}

TEST(done_while_somebody_waits)
{
	join(0, 5, clock_wall_ns());
	end();
	ck_assert_int_eq(n_met, 0);
}

CHECK_MAIN_AROUND("rendezvous", begin, end)
