/* When ports run out, computed by hand from what was measured (docs/ports.md). */
#include "common/ports/ports.h"

#include <math.h>
#include <string.h>
#include "tests/check_main.h"
#include "tests/common/ports_facts.h"
#include "tests/common/ports_formula.h"

/* clang-format off */
static const struct {
	const char *what, *close;
	struct ports_facts f;
	int taken; /* sockets of others in the first pool; below 0: of our own */
	uint64_t budget;
	bool reuse;
	double max_rate, exhaustion_s;
	const char *reason;
} rows[] = {
	/* how many ports there are */
	{ "a thousand ports", "client-fin", { BASE }, 0, 1000, false, 1000 / TW, 2, "run out within the run" },
	{ "an odd range is used whole", "client-fin", { BASE, .hi = 40998 }, 0, 999, false, 998 / TW, 999 / 500.0, "run out" },
	{ "with a range of its own too", "client-fin", { BASE, .hi = 40998, .own_range = true }, 0, 999, false, 999 / TW, 999 / 500.0, "run out" },
	{ "and with early bind", "client-fin", { BASE, .hi = 40998, .early_bind = true }, 0, 999, false, 998 / TW, 999 / 500.0, "run out" },
	{ "a range of one port", "client-fin", { BASE, .hi = 40000 }, 0, 1, false, 1 / TW, 1 / 500.0, "run out" },
	{ "of two", "client-fin", { BASE, .hi = 40001 }, 0, 2, false, 2 / TW, 2 / 500.0, "run out" },
	{ "of three: one start", "client-fin", { BASE, .hi = 40002 }, 0, 2, false, 2 / TW, 2 / 500.0, "run out" },
	{ "of three, early bind", "client-fin", { BASE, .hi = 40002, .early_bind = true }, 0, 2, false, 2 / TW, 2 / 500.0, "run out" },
	{ "of three, a range of its own", "client-fin", { BASE, .hi = 40002, .own_range = true }, 0, 3, false, 3 / TW, 3 / 500.0, "run out" },
	{ "of three, own and early bind", "client-fin", { BASE, .hi = 40002, .own_range = true, .early_bind = true }, 0, 2, false, 2 / TW, 2 / 500.0, "run out" },
	{ "of three, --bind port", "client-fin", { BASE, .hi = 40002, .own_port = true }, 0, 3, false, 3 / TW, 3 / 500.0, "run out" },
	{ "of five", "client-fin", { BASE, .hi = 40004 }, 0, 5, false, 4 / TW, 5 / 500.0, "run out" },
	{ "own range of 100", "client-fin", { BASE, .hi = 40099, .own_range = true }, 0, 100, false, 100 / TW, 0.2, "run out" },
	{ "the default range", "client-fin", { BASE, .lo = 32768, .hi = 60999 }, 0, 28232, false, 28232 / TW, 28232 / 500.0, "run out" },
	{ "half reserved", "client-fin", { BASE, .reserved = 500 }, 0, 500, false, 500 / TW, 1, "run out" },
	{ "a listener inside", "client-fin", { BASE, .lo = 4000, .hi = 5999 }, ALL(1), 1999, false, 1999 / TW, 1999 / 500.0, "run out" },
	{ "all reserved", "client-fin", { BASE, .reserved = 1000 }, 0, 0, false, 0, 0, "run out" },
	{ "more reserved than there are", "client-fin", { BASE, .reserved = 2000 }, 0, 0, false, 0, 0, "run out" },
	{ "four targets", "client-fin", { BASE, .targets = 4 }, 0, 4000, false, 4000 / TW, 8, "run out" },
	{ "four targets, early bind", "client-fin", { BASE, .targets = 4, .early_bind = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "four sources", "client-fin", { BASE, .sources = 4 }, 0, 4000, false, 4000 / TW, 8, "run out" },
	{ "four sources, early bind", "client-fin", { BASE, .sources = 4, .early_bind = true }, 0, 4000, false, 4000 / TW, 8, "run out" },
	{ "two sources, three targets", "client-fin", { BASE, .sources = 2, .targets = 3 }, 0, 6000, false, 6000 / TW, 12, "run out" },
	{ "800 are taken", "client-fin", { BASE }, 800, 1000, false, 200 / TW, 0.4, "run out" },
	{ "all are taken", "client-fin", { BASE }, 1000, 1000, false, 0, 0, "run out" },
	{ "one is kept", "client-fin", { BASE, .early_bind = true }, -1, 1000, false, 999 / TW, 999 / 500.0, "run out" },
	{ "the only one is kept", "client-fin", { BASE, .hi = 40000, .early_bind = true }, -1, 1, false, 0, 0, "run out" },
	{ "more than all", "client-fin", { BASE }, 5000, 1000, false, 0, 0, "run out" },

	/* tcp_tw_reuse */
	{ "2, a wire: no reuse", "client-fin", { BASE, .tw_reuse = 2 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "2, loopback: reuse", "client-fin", { BASE, .tw_reuse = 2, .loopback = true }, 0, 1000, true, 1000 / AGAIN, NEVER, "below what the ports sustain" },
	{ "1, a wire: reuse", "client-fin", { BASE, .tw_reuse = 1 }, 0, 1000, true, 1000 / AGAIN, NEVER, "below what the ports sustain" },
	{ "1, loopback", "client-fin", { BASE, .tw_reuse = 1, .loopback = true }, 0, 1000, true, 1000 / AGAIN, NEVER, "below what" },
	{ "0, loopback", "client-fin", { BASE, .tw_reuse = 0, .loopback = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "no timestamps, 2, loopback", "client-fin", { BASE, .timestamps = false, .loopback = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "no timestamps, 1", "client-fin", { BASE, .timestamps = false, .tw_reuse = 1 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "1, early bind: none", "client-fin", { BASE, .tw_reuse = 1, .early_bind = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "reuse, but too fast", "client-fin", { BASE, .tw_reuse = 1, .load.rate.from = 2000, .load.rate.to = 2000 }, 0, 1000, true, 1000 / AGAIN, 0.5, "run out" },
	{ "reuse, a hair too fast", "client-fin", { BASE, .tw_reuse = 1, .load.rate.from = 1010, .load.rate.to = 1010 }, 0, 1000, true, 1000 / AGAIN, 1000 / 1010.0, "run out" },
	{ "reuse, a hair below", "client-fin", { BASE, .tw_reuse = 1, .load.rate.from = 990, .load.rate.to = 990 }, 0, 1000, true, 1000 / AGAIN, NEVER, "too close to say" },
	{ "delay 5 s", "client-fin", { BASE, .tw_reuse = 1, .tw_reuse_delay_s = 5 }, 0, 1000, true, 1000 / (AGAIN + 4), 2, "run out" },
	{ "delay 0.1 s", "client-fin", { BASE, .tw_reuse = 1, .tw_reuse_delay_s = 0.1, .load.rate.from = 6000, .load.rate.to = 6000 }, 0, 1000, true, 1000 / (AGAIN - 0.9), NEVER, "below what" },
	{ "loopback defaults, 14.4k/s", "client-fin", { BASE, .lo = 32768, .hi = 60999, .loopback = true, .load.rate.from = 14400, .load.rate.to = 14400 }, 0, 28232, true, 28232 / AGAIN, NEVER, "below what" },

	/* ports of our own */
	{ "--bind port", "client-fin", { BASE, .own_port = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "... of an odd range", "client-fin", { BASE, .hi = 40998, .own_port = true }, 0, 999, false, 999 / TW, 999 / 500.0, "run out" },
	{ "... tcp_tw_reuse is nothing to it", "client-fin", { BASE, .own_port = true, .tw_reuse = 1 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "... to four targets", "client-fin", { BASE, .own_port = true, .targets = 4 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "... from four sources", "client-fin", { BASE, .own_port = true, .sources = 4 }, 0, 4000, false, 4000 / TW, 8, "run out" },
	{ "... and SO_REUSEADDR", "client-fin", { BASE, .own_port = true, .reuseaddr = true, .tw_reuse = 0 }, 0, 1000, true, NO_RATE, NEVER, "SO_REUSEADDR and timestamps" },
	{ "... without timestamps", "client-fin", { BASE, .own_port = true, .reuseaddr = true, .timestamps = false }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "... four targets", "client-fin", { BASE, .own_port = true, .reuseaddr = true, .timestamps = false, .targets = 4 }, 0, 4000, false, 4000 / TW, 8, "run out" },
	{ "... held 1 s", "client-fin", { BASE, .own_port = true, .reuseaddr = true, .load.hold_ns = SECONDS(1) }, 0, 1000, true, 1000, NEVER, "below what" },
	{ "... held 4 s", "client-fin", { BASE, .own_port = true, .reuseaddr = true, .load.hold_ns = SECONDS(4) }, 0, 1000, true, 250, 2, "run out" },
	{ "... FIN_WAIT2", "server-leak", { BASE, .own_port = true, .reuseaddr = true, .fin_timeout_s = 5 }, 0, 1000, false, NO_RATE, NEVER, "SO_REUSEADDR and timestamps" },
	{ "... 1 in 100 in FIN_WAIT2", "client-fin:99,server-leak:1", { BASE, .own_port = true, .reuseaddr = true, .fin_timeout_s = 5 }, 0, 1000, true, NO_RATE, NEVER, "SO_REUSEADDR and timestamps" },
	{ "... and not taken again: its turn comes", "client-rst:99,server-leak:1", { BASE, .own_port = true, .fin_timeout_s = 5 }, 0, 1000, false, 1000 / FW2, 2.146, "run out" },
	{ "... reserved ports left out", "client-fin", { BASE, .own_port = true, .reserved = 500 }, 0, 500, false, 500 / TW, 1, "run out" },
	{ "... RST", "client-rst", { BASE, .own_port = true }, 0, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "... half RST: the other half decides", "client-fin:50,client-rst:50", { BASE, .own_port = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "... one leak in 100", "client-fin:99,client-leak:1", { BASE, .own_port = true }, 0, 1000, false, 0, 2, "run out" },
	{ "... slow enough", "client-fin", { BASE, .own_port = true, .load.rate.from = 16, .load.rate.to = 16, .load.duration_ns = SECONDS(1000) }, 0, 1000, false, 1000 / TW, NEVER, "below what" },
	/* those of others are passed over, each turn, until the first of our own comes up again */
	{ "... a listener inside", "client-fin", { BASE, .own_port = true }, ALL(1), 1000, false, 999 / TW, 1001 / 500.0, "run out" },
	{ "... 100 taken", "client-fin", { BASE, .own_port = true }, 100, 1000, false, 900 / TW, 1100 / 500.0, "run out" },
	{ "... 100 bound and no other", "client-fin", { BASE, .own_port = true, .load.rate.from = 16, .load.rate.to = 16, .load.duration_ns = SECONDS(1000) }, ALL(100), 1000, false, 900 / TW, NEVER, "run ends before" },
	{ "... one kept", "client-fin", { BASE, .own_port = true }, -1, 1000, false, 999 / TW, 1001 / 500.0, "run out" },
	{ "... one kept, reused at once", "client-fin", { BASE, .own_port = true, .reuseaddr = true }, -1, 1000, true, NO_RATE, NEVER, "SO_REUSEADDR and timestamps" },
	{ "... one kept, RST", "client-rst", { BASE, .own_port = true }, -1, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "... all taken: a round shows it", "client-fin", { BASE, .own_port = true }, 1000, 1000, false, 0, 999 / 500.0, "run out" },
	{ "... 900 taken, RST", "client-rst", { BASE, .own_port = true }, 900, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "... all taken, by a thread each half", "client-fin", { BASE, .own_port = true, .load.pick.workers = 2 }, ALL(1000), 1000, false, 0, 998 / 500.0, "run out" },

	/* SO_REUSEADDR where the kernel chooses */
	{ "SO_REUSEADDR alone", "client-fin", { BASE, .reuseaddr = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "SO_REUSEADDR, ip_autobind_reuse", "client-fin", { BASE, .reuseaddr = true, .autobind_reuse = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "early, SO_REUSEADDR", "client-fin", { BASE, .early_bind = true, .reuseaddr = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "early, ip_autobind_reuse", "client-fin", { BASE, .early_bind = true, .autobind_reuse = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "early, both", "client-fin", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true }, 0, 1000, true, NO_RATE, NEVER, "at random" },
	{ "... no timestamps", "client-fin", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .timestamps = false }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "... no timestamps, two targets", "client-fin", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .timestamps = false, .targets = 2 }, 0, 1000, false, NO_RATE, NEVER, "at random" },
	{ "... two targets", "client-fin", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .targets = 2 }, 0, 1000, true, NO_RATE, NEVER, "at random" },
	{ "... held", "client-fin", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true, .load.hold_ns = SECONDS(4) }, 0, 1000, true, NO_RATE, 2, "run out" },
	{ "... FIN_WAIT2 alone", "server-leak", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "... FIN_WAIT2 among them", "client-fin:50,server-leak:50", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true }, 0, 1000, true, NO_RATE, NEVER, "at random" },

	/* TCP_LINGER2 of -1 */
	{ "server-leak, linger2 -1", "server-leak", { BASE, .fin_timeout_s = 0 }, 0, 1000, false, NO_RATE, NEVER, "FIN_WAIT2 is left at once" },
	{ "client-fin, linger2 -1", "client-fin", { BASE, .time_wait_unsure = true }, 0, 1000, false, 1000 / TW, NEVER, "TCP_LINGER2 below 0" },

	/* FIN_WAIT2 is never reused and lasts tcp_fin_timeout */
	{ "server-leak", "server-leak", { BASE }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "server-leak, fin_timeout 5", "server-leak", { BASE, .fin_timeout_s = 5 }, 0, 1000, false, 1000 / FW2, 2, "run out" },
	{ "... slow enough", "server-leak", { BASE, .fin_timeout_s = 5, .load.rate.from = 190, .load.rate.to = 190 }, 0, 1000, false, 1000 / FW2, NEVER, "too close" },
	{ "server-leak, reuse does not help", "server-leak", { BASE, .tw_reuse = 1 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "fin_timeout is nothing to TIME_WAIT", "client-fin", { BASE, .fin_timeout_s = 5 }, 0, 1000, false, 1000 / TW, 2, "run out" },

	/* what is never let go */
	{ "client-leak", "client-leak", { BASE }, 0, 1000, false, 0, 2, "run out" },
	/* the server holds, then the client keeps for as long */
	{ "client-leak for 0.5 s", "client-leak", { BASE, .load.hold_ns = SECONDS(0.5) }, 0, 1000, false, 1000, NEVER, "below what" },
	{ "client-leak for 4 s", "client-leak", { BASE, .load.hold_ns = SECONDS(4) }, 0, 1000, false, 125, 2, "run out" },

	/* nothing is left: no exhaustion, and why */
	{ "client-rst", "client-rst", { BASE }, 0, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "client-rst, closed loop", "client-rst", { BASE, .load.concurrency = 64, .load.rate.from = 0, .load.rate.to = 0 }, 0, 1000, false, NO_RATE, NEVER, "leaves no TIME_WAIT" },
	{ "client-rst held 1 s", "client-rst", { BASE, .load.hold_ns = SECONDS(1) }, 0, 1000, false, 1000, NEVER, "below what" },
	{ "client-rst held 4 s", "client-rst", { BASE, .load.hold_ns = SECONDS(4) }, 0, 1000, false, 250, 2, "run out" },

	/* 100 at a time, each for 1 s, are 100 a second whatever --rate says */
	{ "held 1 s, 100 at a time", "client-fin", { BASE, .load.hold_ns = SECONDS(1), .load.concurrency = 100 }, 0, 1000, false, 1000 / (TW + 1), 10, "run out" },
	{ "held 1 s, plenty at a time", "client-fin", { BASE, .load.hold_ns = SECONDS(1), .load.concurrency = 10000 }, 0, 1000, false, 1000 / (TW + 1), 2, "run out" },
	{ "not held, one at a time", "client-fin", { BASE, .load.concurrency = 1 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "a pool", "client-fin", { BASE, .load.pool = 10 }, 0, 1000, false, NO_RATE, NEVER, "a pool keeps" },

	/* a share of it */
	{ "90:10 with RST", "client-fin:90,client-rst:10", { BASE }, 0, 1000, false, 1000 / (0.9 * TW), 1000 / 450.0, "run out" },
	{ "half client-fin, half server-leak", "client-fin:50,server-leak:50", { BASE, .fin_timeout_s = 5 }, 0, 1000, false, 2000 / (TW + FW2), 2, "run out" },
	{ "half of it reused", "client-fin:50,server-leak:50", { BASE, .tw_reuse = 1 }, 0, 1000, true, 2000 / (AGAIN + TW), 3, "run out" },
	{ "1 in 100 leaks", "client-leak:1,client-rst:99", { BASE, .load.rate.from = 2000, .load.rate.to = 2000 }, 0, 1000, false, 0, 50, "run out" },

	/* over tcp_max_tw_buckets TIME_WAIT is skipped */
	{ "100 buckets", "client-fin", { BASE, .max_tw_buckets = 100 }, 0, 1000, false, NO_RATE, NEVER, "tcp_max_tw_buckets" },
	{ "no bucket", "client-fin", { BASE, .max_tw_buckets = 0 }, 0, 1000, false, NO_RATE, NEVER, "tcp_max_tw_buckets" },
	{ "one bucket short", "client-fin", { BASE, .max_tw_buckets = 999 }, 0, 1000, false, NO_RATE, NEVER, "too close to say" },
	{ "just enough", "client-fin", { BASE, .max_tw_buckets = 1000 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "leaks have no bucket", "client-leak", { BASE, .max_tw_buckets = 100 }, 0, 1000, false, 0, 2, "run out" },
	{ "what is held open has none", "client-rst", { BASE, .load.hold_ns = SECONDS(4), .max_tw_buckets = 100 }, 0, 1000, false, (1000 - 100) / 4.0, 2, "run out" },

	/* how much is asked */
	{ "closed loop", "client-fin", { BASE, .load.rate.from = 0, .load.rate.to = 0 }, 0, 1000, false, 1000 / TW, NEVER, "closed loop" },
	{ "the run is too short", "client-fin", { BASE, .load.duration_ns = SECONDS(1.9) }, 0, 1000, false, 1000 / TW, NEVER, "run ends before" },
	{ "slow enough for ever", "client-fin", { BASE, .load.rate.from = 16, .load.rate.to = 16, .load.duration_ns = SECONDS(1000) }, 0, 1000, false, 1000 / TW, NEVER, "below what" },
	{ "a little too fast", "client-fin", { BASE, .load.rate.from = 17, .load.rate.to = 17, .load.duration_ns = SECONDS(1000) }, 0, 1000, false, 1000 / TW, 1000 / 17.0, "run out" },
	{ "-n below", "client-fin", { BASE, .load.limited = true, .load.limit = 999 }, 0, 1000, false, 1000 / TW, NEVER, "ends before" },
	{ "-n just that", "client-fin", { BASE, .load.limited = true, .load.limit = 1000 }, 0, 1000, false, 1000 / TW, NEVER, "ends before" },
	{ "-n one more", "client-fin", { BASE, .load.limited = true, .load.limit = 1001 }, 0, 1000, false, 1000 / TW, 2, "run out" },
	{ "-n with some taken", "client-fin", { BASE, .load.limited = true, .load.limit = 300 }, 800, 1000, false, 200 / TW, 0.4, "run out" },
	{ "-n that just fits beside them", "client-fin", { BASE, .load.limited = true, .load.limit = 200 }, 800, 1000, false, 200 / TW, NEVER, "ends before" },
	/* 10 + 1.9 t a second over 100 s: 10 t + 0.95 t^2 = 1000 */
	{ "a ramp up", "client-fin", { BASE, .load.rate.from = 10, .load.rate.to = 200 }, 0, 1000, false, 1000 / TW, 27.606, "run out" },
	{ "a ramp down", "client-fin", { BASE, .load.rate.from = 200, .load.rate.to = 10 }, 0, 1000, false, 1000 / TW, 5.128, "run out" },
	/* with reuse in use are the last second's: (1900 t - 950 * 1) / 100 + 100 = 1000 */
	{ "a ramp past the reuse", "client-fin", { BASE, .tw_reuse = 1, .load.rate.from = 100, .load.rate.to = 2000 }, 0, 1000, true, 1000 / AGAIN, NEVER, "too close to say" },
};
/* clang-format on */

static void make(size_t i, struct ports_facts *f)
{
	facts_make(f, rows[i].what, &rows[i].f, rows[i].close, rows[i].taken);
}

TEST_ROWS(predicts, rows)
{
	struct ports_prediction p;
	struct ports_facts f;

	make((size_t)_i, &f);
	facts_predict(&f, &p);
	facts_done(&f);
	ck_assert_msg(p.budget == row->budget, "%s: budget %llu", row->what,
		      (unsigned long long)p.budget);
	ck_assert_msg(p.reuse == row->reuse, "%s: reuse %d", row->what, p.reuse);
	ck_assert_msg(fabs(p.max_rate - row->max_rate) < 1e-6 * fmax(1, row->max_rate),
		      "%s: max rate %.4f, not %.4f (%s)", row->what, p.max_rate,
		      row->max_rate, p.reason);
	ck_assert_msg(fabs(p.exhaustion_s - row->exhaustion_s) <=
			      0.005 * fmax(1, row->exhaustion_s),
		      "%s: after %.4f s, not %.4f (%s)", row->what, p.exhaustion_s,
		      row->exhaustion_s, p.reason);
	ck_assert_ptr_nonnull(p.reason);
	ck_assert_msg(strstr(p.reason, row->reason), "%s: %s, not %s", row->what,
		      p.reason, row->reason);
}

TEST_ROWS(formula_agrees, rows)
{
	struct ports_prediction p;
	struct ports_facts f;
	double by_formula;

	make((size_t)_i, &f);
	facts_predict(&f, &p);
	if (p.known && formula_holds(&f, &p)) {
		by_formula = formula_exhaustion(
			&f, p.budget > p.taken ? (double)(p.budget - p.taken) : 0);
		ck_assert_msg(fabs(by_formula - p.exhaustion_s) <=
				      0.01 * fmax(1, by_formula),
			      "%s: after %.4f s, by the formula %.4f", row->what,
			      p.exhaustion_s, by_formula);
	}
	facts_done(&f);
}

/* What is called sustained goes on, with the longest lives and for ten of them. */
TEST_ROWS(a_rate_that_is_sustained_goes_on, rows)
{
	struct ports_prediction p;
	struct ports_facts f;
	double rate;

	make((size_t)_i, &f);
	ports_budget(&f, &p);
	rate = p.max_rate;
	if (rate > 0 && rate < 5000 && !f.taken.n) {
		f.load.limited = false;
		f.load.rate = (struct rate){ .from = 0.99 * rate, .to = 0.99 * rate };
		f.load.duration_ns = SECONDS(10.0 * (double)p.budget / rate);
		facts_predict(&f, &p);
		ck_assert_msg(p.known && p.exhaustion_s < 0,
			      "%s: at %.2f/s after %.4f s, %s", row->what, 0.99 * rate,
			      p.exhaustion_s, p.reason);
	}
	facts_done(&f);
}

CHECK_MAIN("ports")
