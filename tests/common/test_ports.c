/* When ports run out, computed by hand from what was measured (docs/ports.md). */
#include "common/ports/ports.h"

#include <math.h>
#include <string.h>
#include "tests/check_main.h"

#define NEVER   -1.0
#define NO_RATE -1.0 /* no limit by ports */

/* A thousand ports to one target over a wire, client-fin at 500/s for a minute and more. */
#define BASE                                                                             \
	.lo = 40000, .hi = 40999, .targets = 1, .sources = 1, .timestamps = true,        \
	.tw_reuse = 2, .tw_reuse_delay_s = 1, .fin_timeout_s = 60,                       \
	.max_tw_buckets = 131072, .share_time_wait = 1, .rate_from = 500,                \
	.rate_to = 500, .run_s = 100

/* gcc and clang take the last of two initialisers; that is what BASE is for. */
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif

/* clang-format off */
static const struct {
	const char *what;
	struct ports_facts f;
	uint64_t budget;
	bool reuse;
	double max_rate, exhaustion_s;
	const char *reason;
} rows[] = {
	/* how many ports there are */
	{ "a thousand ports", { BASE }, 1000, false, 1000 / 60.0, 2, "run out within the run" },
	{ "an odd range is used whole", { BASE, .hi = 40998 }, 999, false, 999 / 60.0, 999 / 500.0, "run out" },
	{ "with a range of its own too", { BASE, .hi = 40998, .own_range = true }, 999, false, 999 / 60.0, 999 / 500.0, "run out" },
	{ "and with early bind", { BASE, .hi = 40998, .early_bind = true }, 999, false, 999 / 60.0, 999 / 500.0, "run out" },
	{ "a range of one port", { BASE, .hi = 40000 }, 1, false, 1 / 60.0, 1 / 500.0, "run out" },
	{ "of two", { BASE, .hi = 40001 }, 2, false, 2 / 60.0, 2 / 500.0, "run out" },
	{ "of three: one start", { BASE, .hi = 40002 }, 2, false, 2 / 60.0, 2 / 500.0, "run out" },
	{ "of three, early bind", { BASE, .hi = 40002, .early_bind = true }, 2, false, 2 / 60.0, 2 / 500.0, "run out" },
	{ "of three, a range of its own", { BASE, .hi = 40002, .own_range = true }, 3, false, 3 / 60.0, 3 / 500.0, "run out" },
	{ "of three, own and early bind", { BASE, .hi = 40002, .own_range = true, .early_bind = true }, 2, false, 2 / 60.0, 2 / 500.0, "run out" },
	{ "of three, --bind port", { BASE, .hi = 40002, .own_port = true }, 3, false, 3 / 60.0, 3 / 500.0, "run out" },
	{ "of five", { BASE, .hi = 40004 }, 5, false, 5 / 60.0, 5 / 500.0, "run out" },
	{ "own range of 100", { BASE, .hi = 40099, .own_range = true }, 100, false, 100 / 60.0, 0.2, "run out" },
	{ "the default range", { BASE, .lo = 32768, .hi = 60999 }, 28232, false, 28232 / 60.0, 28232 / 500.0, "run out" },
	{ "half reserved", { BASE, .reserved = 500 }, 500, false, 500 / 60.0, 1, "run out" },
	{ "a listener inside", { BASE, .lo = 4000, .hi = 5999, .listeners = 1 }, 1999, false, 1999 / 60.0, 1999 / 500.0, "run out" },
	{ "all reserved", { BASE, .reserved = 1000 }, 0, false, 0, 0, "run out" },
	{ "more reserved than there are", { BASE, .reserved = 2000 }, 0, false, 0, 0, "run out" },
	{ "four targets", { BASE, .targets = 4 }, 4000, false, 4000 / 60.0, 8, "run out" },
	{ "four targets, early bind", { BASE, .targets = 4, .early_bind = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "four sources", { BASE, .sources = 4 }, 4000, false, 4000 / 60.0, 8, "run out" },
	{ "four sources, early bind", { BASE, .sources = 4, .early_bind = true }, 4000, false, 4000 / 60.0, 8, "run out" },
	{ "two sources, three targets", { BASE, .sources = 2, .targets = 3 }, 6000, false, 100, 12, "run out" },
	{ "800 are taken", { BASE, .taken = 800 }, 1000, false, 1000 / 60.0, 0.4, "run out" },
	{ "all are taken", { BASE, .taken = 1000 }, 1000, false, 1000 / 60.0, 0, "run out" },
	{ "one is kept", { BASE, .early_bind = true, .taken = 1, .kept = 1 }, 1000, false, 999 / 60.0, 999 / 500.0, "run out" },
	{ "the only one is kept", { BASE, .hi = 40000, .early_bind = true, .taken = 1, .kept = 1 }, 1, false, 0, 0, "run out" },
	{ "more than all", { BASE, .taken = 5000 }, 1000, false, 1000 / 60.0, 0, "run out" },

	/* tcp_tw_reuse */
	{ "2, a wire: no reuse", { BASE, .tw_reuse = 2 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "2, loopback: reuse", { BASE, .tw_reuse = 2, .loopback = true }, 1000, true, 1000, NEVER, "below what the ports sustain" },
	{ "1, a wire: reuse", { BASE, .tw_reuse = 1 }, 1000, true, 1000, NEVER, "below what the ports sustain" },
	{ "1, loopback", { BASE, .tw_reuse = 1, .loopback = true }, 1000, true, 1000, NEVER, "below what" },
	{ "0, loopback", { BASE, .tw_reuse = 0, .loopback = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "no timestamps, 2, loopback", { BASE, .timestamps = false, .loopback = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "no timestamps, 1", { BASE, .timestamps = false, .tw_reuse = 1 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "1, early bind: none", { BASE, .tw_reuse = 1, .early_bind = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "reuse, but too fast", { BASE, .tw_reuse = 1, .rate_from = 2000, .rate_to = 2000 }, 1000, true, 1000, 0.5, "run out" },
	{ "reuse, a hair too fast", { BASE, .tw_reuse = 1, .rate_from = 1010, .rate_to = 1010 }, 1000, true, 1000, 1000 / 1010.0, "run out" },
	{ "reuse, a hair below", { BASE, .tw_reuse = 1, .rate_from = 990, .rate_to = 990 }, 1000, true, 1000, NEVER, "below what" },
	{ "delay 5 s", { BASE, .tw_reuse = 1, .tw_reuse_delay_s = 5 }, 1000, true, 200, 2, "run out" },
	{ "delay 0.1 s", { BASE, .tw_reuse = 1, .tw_reuse_delay_s = 0.1, .rate_from = 6000, .rate_to = 6000 }, 1000, true, 10000, NEVER, "below what" },
	{ "loopback defaults, 14.4k/s", { BASE, .lo = 32768, .hi = 60999, .loopback = true, .rate_from = 14400, .rate_to = 14400 }, 28232, true, 28232, NEVER, "below what" },

	/* ports of our own */
	{ "--bind port", { BASE, .own_port = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "... of an odd range", { BASE, .hi = 40998, .own_port = true }, 999, false, 999 / 60.0, 999 / 500.0, "run out" },
	{ "... tcp_tw_reuse is nothing to it", { BASE, .own_port = true, .tw_reuse = 1 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "... to four targets", { BASE, .own_port = true, .targets = 4 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "... from four sources", { BASE, .own_port = true, .sources = 4 }, 4000, false, 4000 / 60.0, 8, "run out" },
	{ "... and SO_REUSEADDR", { BASE, .own_port = true, .reuseaddr = true, .tw_reuse = 0 }, 1000, true, NO_RATE, NEVER, "SO_REUSEADDR and timestamps" },
	{ "... without timestamps", { BASE, .own_port = true, .reuseaddr = true, .timestamps = false }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "... four targets", { BASE, .own_port = true, .reuseaddr = true, .timestamps = false, .targets = 4 }, 4000, false, 4000 / 60.0, 8, "run out" },
	{ "... held 1 s", { BASE, .own_port = true, .reuseaddr = true, .open_s = 1 }, 1000, true, 1000, NEVER, "below what" },
	{ "... held 4 s", { BASE, .own_port = true, .reuseaddr = true, .open_s = 4 }, 1000, true, 250, 2, "run out" },
	{ "... FIN_WAIT2", { BASE, .own_port = true, .reuseaddr = true, .share_time_wait = 0, .share_fin_wait2 = 1, .fin_timeout_s = 5 }, 1000, false, 200, 2, "run out" },
	{ "... 1 in 100 in FIN_WAIT2", { BASE, .own_port = true, .reuseaddr = true, .share_time_wait = 0.99, .share_fin_wait2 = 0.01, .fin_timeout_s = 5 }, 1000, true, 200, 2, "run out" },
	{ "... reserved ports left out", { BASE, .own_port = true, .reserved = 500 }, 500, false, 500 / 60.0, 1, "run out" },
	{ "... RST", { BASE, .own_port = true, .share_time_wait = 0 }, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "... half RST: the other half decides", { BASE, .own_port = true, .share_time_wait = 0.5 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "... one leak in 100", { BASE, .own_port = true, .share_time_wait = 0.99, .share_held = 0.01 }, 1000, false, 0, 2, "run out" },
	{ "... slow enough", { BASE, .own_port = true, .rate_from = 16, .rate_to = 16, .run_s = 1000 }, 1000, false, 1000 / 60.0, NEVER, "below what" },
	{ "... a listener inside", { BASE, .own_port = true, .listeners = 1 }, 1000, false, NO_RATE, NEVER, "a listener has one" },
	{ "... some taken", { BASE, .own_port = true, .taken = 5 }, 1000, false, NO_RATE, NEVER, "some ports are taken" },
	{ "... one kept", { BASE, .own_port = true, .taken = 1, .kept = 1 }, 1000, false, NO_RATE, NEVER, "--server-stats has one" },
	{ "... one kept, reused at once", { BASE, .own_port = true, .reuseaddr = true, .taken = 1, .kept = 1 }, 1000, true, NO_RATE, NEVER, "--server-stats has one" },
	{ "... one kept, RST", { BASE, .own_port = true, .share_time_wait = 0, .taken = 1, .kept = 1 }, 1000, false, NO_RATE, NEVER, "--server-stats has one" },
	{ "... some taken, reused at once", { BASE, .own_port = true, .reuseaddr = true, .taken = 5 }, 1000, true, NO_RATE, NEVER, "SO_REUSEADDR and" },

	/* SO_REUSEADDR where the kernel chooses */
	{ "SO_REUSEADDR alone", { BASE, .reuseaddr = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "SO_REUSEADDR, ip_autobind_reuse", { BASE, .reuseaddr = true, .autobind_reuse = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "early, SO_REUSEADDR", { BASE, .early_bind = true, .reuseaddr = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "early, ip_autobind_reuse", { BASE, .early_bind = true, .autobind_reuse = true }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "early, both", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true }, 1000, true, NO_RATE, NEVER, "ip_autobind_reuse, SO_REUSEADDR and timestamps" },
	{ "... no timestamps", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .timestamps = false }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "... no timestamps, two targets", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .timestamps = false, .targets = 2 }, 1000, false, NO_RATE, NEVER, "at random" },
	{ "... two targets", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .targets = 2 }, 1000, true, NO_RATE, NEVER, "at once" },
	{ "... held", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .open_s = 4 }, 1000, true, NO_RATE, NEVER, "at random" },
	{ "... FIN_WAIT2 alone", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .share_time_wait = 0, .share_fin_wait2 = 1 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "... FIN_WAIT2 among them", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .share_time_wait = 0.5, .share_fin_wait2 = 0.5 }, 1000, true, NO_RATE, NEVER, "at random" },

	/* TCP_LINGER2 of -1 */
	{ "server-leak, linger2 -1", { BASE, .share_time_wait = 0, .share_fin_wait2 = 1, .fin_timeout_s = 0 }, 1000, false, NO_RATE, NEVER, "FIN_WAIT2 is left at once" },
	{ "client-fin, linger2 -1", { BASE, .time_wait_unsure = true }, 1000, false, NO_RATE, NEVER, "TCP_LINGER2 below 0" },

	/* FIN_WAIT2 is never reused and lasts tcp_fin_timeout */
	{ "server-leak", { BASE, .share_time_wait = 0, .share_fin_wait2 = 1 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "server-leak, fin_timeout 5", { BASE, .share_time_wait = 0, .share_fin_wait2 = 1, .fin_timeout_s = 5 }, 1000, false, 200, 2, "run out" },
	{ "... slow enough", { BASE, .share_time_wait = 0, .share_fin_wait2 = 1, .fin_timeout_s = 5, .rate_from = 190, .rate_to = 190 }, 1000, false, 200, NEVER, "below what" },
	{ "server-leak, reuse does not help", { BASE, .share_time_wait = 0, .share_fin_wait2 = 1, .tw_reuse = 1 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "fin_timeout is nothing to TIME_WAIT", { BASE, .fin_timeout_s = 5 }, 1000, false, 1000 / 60.0, 2, "run out" },

	/* what is never let go */
	{ "client-leak", { BASE, .share_time_wait = 0, .share_held = 1 }, 1000, false, 0, 2, "run out" },
	/* the server holds, then the client keeps for as long */
	{ "client-leak for 0.5 s", { BASE, .share_time_wait = 0, .share_held = 1, .open_s = 0.5 }, 1000, false, 1000, NEVER, "below what" },
	{ "client-leak for 4 s", { BASE, .share_time_wait = 0, .share_held = 1, .open_s = 4 }, 1000, false, 125, 2, "run out" },

	/* nothing is left: no exhaustion, and why */
	{ "client-rst", { BASE, .share_time_wait = 0 }, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "client-rst, closed loop", { BASE, .share_time_wait = 0, .rate_from = 0, .rate_to = 0 }, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "client-rst held 1 s", { BASE, .share_time_wait = 0, .open_s = 1 }, 1000, false, 1000, NEVER, "below what" },
	{ "client-rst held 4 s", { BASE, .share_time_wait = 0, .open_s = 4 }, 1000, false, 250, 2, "run out" },

	/* 100 at a time, each for 1 s, are 100 a second whatever --rate says */
	{ "held 1 s, 100 at a time", { BASE, .open_s = 1, .concurrency = 100 }, 1000, false, 1000 / 61.0, 10, "run out" },
	{ "held 1 s, plenty at a time", { BASE, .open_s = 1, .concurrency = 10000 }, 1000, false, 1000 / 61.0, 2, "run out" },
	{ "not held, one at a time", { BASE, .concurrency = 1 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "a pool", { BASE, .pool = 10 }, 1000, false, NO_RATE, NEVER, "a pool keeps" },

	/* a share of it */
	{ "90:10 with RST", { BASE, .share_time_wait = 0.9 }, 1000, false, 1000 / 54.0, 1000 / 450.0, "run out" },
	{ "half client-fin, half server-leak", { BASE, .share_time_wait = 0.5, .share_fin_wait2 = 0.5, .fin_timeout_s = 5 }, 1000, false, 1000 / 32.5, 2, "run out" },
	{ "half of it reused", { BASE, .share_time_wait = 0.5, .share_fin_wait2 = 0.5, .tw_reuse = 1 }, 1000, true, 1000 / 30.5, 3, "run out" },
	{ "1 in 100 leaks", { BASE, .share_time_wait = 0, .share_held = 0.01, .rate_from = 2000, .rate_to = 2000 }, 1000, false, 0, 50, "run out" },

	/* over tcp_max_tw_buckets TIME_WAIT is skipped */
	{ "100 buckets", { BASE, .max_tw_buckets = 100 }, 1000, false, NO_RATE, NEVER, "tcp_max_tw_buckets" },
	{ "no bucket", { BASE, .max_tw_buckets = 0 }, 1000, false, NO_RATE, NEVER, "tcp_max_tw_buckets" },
	{ "one bucket short", { BASE, .max_tw_buckets = 999 }, 1000, false, NO_RATE, NEVER, "tcp_max_tw_buckets" },
	{ "just enough", { BASE, .max_tw_buckets = 1000 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "leaks have no bucket", { BASE, .share_time_wait = 0, .share_held = 1, .max_tw_buckets = 100 }, 1000, false, 0, 2, "run out" },
	{ "what is held open has none", { BASE, .share_time_wait = 0, .open_s = 4, .max_tw_buckets = 100 }, 1000, false, 250, 2, "run out" },

	/* how much is asked */
	{ "closed loop", { BASE, .rate_from = 0, .rate_to = 0 }, 1000, false, 1000 / 60.0, NEVER, "closed loop" },
	{ "the run is too short", { BASE, .run_s = 1.9 }, 1000, false, 1000 / 60.0, NEVER, "run ends before" },
	{ "slow enough for ever", { BASE, .rate_from = 16, .rate_to = 16, .run_s = 1000 }, 1000, false, 1000 / 60.0, NEVER, "below what" },
	{ "a little too fast", { BASE, .rate_from = 17, .rate_to = 17, .run_s = 1000 }, 1000, false, 1000 / 60.0, 1000 / 17.0, "run out" },
	{ "-n below", { BASE, .connections = 999 }, 1000, false, 1000 / 60.0, NEVER, "ends before" },
	{ "-n just that", { BASE, .connections = 1000 }, 1000, false, 1000 / 60.0, NEVER, "ends before" },
	{ "-n one more", { BASE, .connections = 1001 }, 1000, false, 1000 / 60.0, 2, "run out" },
	{ "-n with some taken", { BASE, .connections = 300, .taken = 800 }, 1000, false, 1000 / 60.0, 0.4, "run out" },
	{ "-n that just fits beside them", { BASE, .connections = 200, .taken = 800 }, 1000, false, 1000 / 60.0, NEVER, "ends before" },
	/* 10 + 1.9 t a second over 100 s: 10 t + 0.95 t^2 = 1000 */
	{ "a ramp up", { BASE, .rate_from = 10, .rate_to = 200 }, 1000, false, 1000 / 60.0, 27.606, "run out" },
	{ "a ramp down", { BASE, .rate_from = 200, .rate_to = 10 }, 1000, false, 1000 / 60.0, 5.128, "run out" },
	/* with reuse in use are the last second's: (1900 t - 950 * 1) / 100 + 100 = 1000 */
	{ "a ramp past the reuse", { BASE, .tw_reuse = 1, .rate_from = 100, .rate_to = 2000 }, 1000, true, 1000, 47.868, "run out" },
};
/* clang-format on */

START_TEST(predicts)
{
	struct ports_prediction p;

	ports_predict(&rows[_i].f, &p);
	ck_assert_msg(p.budget == rows[_i].budget, "%s: budget %llu", rows[_i].what,
		      (unsigned long long)p.budget);
	ck_assert_msg(p.reuse == rows[_i].reuse, "%s: reuse %d", rows[_i].what, p.reuse);
	ck_assert_msg(fabs(p.max_rate - rows[_i].max_rate) <
			      1e-6 * fmax(1, rows[_i].max_rate),
		      "%s: max rate %.3f, not %.3f", rows[_i].what, p.max_rate,
		      rows[_i].max_rate);
	ck_assert_msg(fabs(p.exhaustion_s - rows[_i].exhaustion_s) <=
			      0.001 * fmax(1, rows[_i].exhaustion_s),
		      "%s: after %.4f s, not %.4f", rows[_i].what, p.exhaustion_s,
		      rows[_i].exhaustion_s);
	ck_assert_ptr_nonnull(p.reason);
	ck_assert_msg(strstr(p.reason, rows[_i].reason), "%s: %s", rows[_i].what,
		      p.reason);
}
END_TEST

START_TEST(budget_is_ports_times_tuples)
{
	struct ports_prediction p;

	ports_predict(&rows[_i].f, &p);
	ck_assert_uint_eq(p.budget, p.per_tuple * p.tuples);
	ck_assert(p.exhaustion_s < 0 || p.exhaustion_s <= rows[_i].f.run_s);
	ck_assert(!isnan(p.max_rate) && !isnan(p.lifetime_s));
}
END_TEST

/* What the prediction calls sustainable does not run out in it, and a little more does. */
START_TEST(the_sustained_rate_is_the_border)
{
	struct ports_facts f = rows[_i].f;
	struct ports_prediction p;
	double rate;

	ports_predict(&f, &p);
	rate = p.max_rate;
	if (rate <= 0 || f.taken || isinf(p.lifetime_s))
		return;
	f.connections = 0;
	f.run_s = 10 * (double)p.budget / rate;
	f.rate_from = f.rate_to = 0.99 * rate;
	ports_predict(&f, &p);
	ck_assert_msg(p.exhaustion_s < 0, "%s", rows[_i].what);
	f.rate_from = f.rate_to = 1.02 * rate;
	ports_predict(&f, &p);
	ck_assert_msg(p.exhaustion_s >= 0, "%s", rows[_i].what);
}
END_TEST

int main(void)
{
	const struct check_test tests[] = {
		{ predicts, ROWS(rows) },
		{ budget_is_ports_times_tuples, ROWS(rows) },
		{ the_sustained_rate_is_the_border, ROWS(rows) },
		{ 0 },
	};

	return check_main("ports", tests);
}
