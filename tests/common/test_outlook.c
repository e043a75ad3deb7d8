/* What is predicted where more than a count of ports decides; and that each reason for predicting
 * nothing is true: without the fact that it names, there is a figure. */
#include "common/ports/outlook.h"

#include <math.h>
#include <string.h>
#include "tests/check_main.h"
#include "tests/common/ports_facts.h"

#define POOL(n)   .load.pool = (n)
#define RATE(r)   .load.rate = { .from = r, .to = r }
#define CLOSED    .load.rate = { .from = 0, .to = 0 }
#define FEW_PORTS .hi = 40099

/* clang-format off */
static const struct {
	const char *what, *close;
	struct ports_facts f;
	int taken;
	double exhaustion_s; /* NEVER: with the reason */
	const char *reason;
} rows[] = {
	/* places and holds: they come in waves */
	{ "the first wave is not held back", "client-fin", { BASE, .hi = 40899, RATE(2000), .load.hold_ns = SECONDS(2), .load.concurrency = 1000 }, 0, 0.45, "run out" },
	{ "the second wave takes the last port", "client-fin", { BASE, .hi = 40899, RATE(2000), .load.hold_ns = SECONDS(1), .load.concurrency = 500 }, 0, 1.2, "run out" },
	{ "calls that stay open", "client-fin", { BASE, .hi = 41999, RATE(1000), .load.hold_ns = SECONDS(6), .load.concurrency = 3000 }, 0, 2, "run out" },
	{ "two threads share the places", "client-fin", { BASE, .hi = 40899, RATE(2000), .load.hold_ns = SECONDS(1), .load.concurrency = 500, .load.pick.workers = 2 }, 0, 1.2, "run out" },
	{ "a closed loop's first wave", "client-fin", { BASE, .hi = 40899, CLOSED, .cost_s = 1e-4, .load.hold_ns = SECONDS(2), .load.concurrency = 1000 }, 0, 0.09, "run out" },
	{ "a closed loop, held, then a second wave", "client-fin", { BASE, .hi = 40899, CLOSED, .cost_s = 1e-4, .load.hold_ns = SECONDS(2), .load.concurrency = 600 }, 0, 2.03, "run out" },
	/* a server that leaks lets go after the hold: TIME_WAIT, if its FIN comes in time */
	{ "a leak that ends while the client waits", "server-leak", { BASE, .hi = 40199, RATE(60.5), .fin_timeout_s = 2, .load.hold_ns = SECONDS(0.31) }, 0, 200 / 60.5, "run out" },
	{ "and after that", "server-leak", { BASE, .hi = 40199, RATE(30), .fin_timeout_s = 2, .load.hold_ns = SECONDS(3) }, 0, NEVER, "below what the ports sustain" },
	/* pools of connections */
	{ "a pool that retires each connection", "client-fin", { BASE, FEW_PORTS, RATE(50), POOL(4), .load.max_requests = 1 }, 0, 2, "run out" },
	{ "after two transactions", "client-fin", { BASE, FEW_PORTS, RATE(50), POOL(4), .load.max_requests = 2 }, 0, 4, "run out" },
	{ "that grow old", "client-fin", { BASE, .hi = 40029, RATE(10), POOL(4), .load.max_age_ns = SECONDS(0.05) }, 0, 3, "run out" },
	{ "that rest too long", "client-fin", { BASE, .hi = 40029, RATE(10), POOL(4), .load.idle_timeout_ns = SECONDS(0.05) }, 0, 3, "run out" },
	{ "that grow old, but leave nothing", "client-rst", { BASE, .hi = 40029, RATE(10), POOL(4), .load.max_age_ns = SECONDS(0.05) }, 0, NEVER, "run ends before" },
	{ "a closed loop with more places than ports", "client-fin", { BASE, FEW_PORTS, CLOSED, .cost_s = 1e-4, POOL(200) }, 0, 0.01, "run out" },
	/* tcp_max_tw_buckets */
	{ "ports in turn, few buckets", "client-fin", { BASE, .own_port = true, RATE(1000), .max_tw_buckets = 100 }, 0, 1, "run out" },
	{ "ports in turn, no bucket", "client-fin", { BASE, .own_port = true, RATE(1000), .max_tw_buckets = 0 }, 0, NEVER, "tcp_max_tw_buckets" },
	{ "open connections beside the buckets", "client-fin", { BASE, RATE(600), .load.hold_ns = SECONDS(1), .max_tw_buckets = 500 }, 0, 1.667, "run out" },
	{ "and too few of them", "client-fin", { BASE, RATE(600), .load.hold_ns = SECONDS(1), .max_tw_buckets = 300 }, 0, NEVER, "tcp_max_tw_buckets" },
	{ "buckets that others have", "client-fin", { BASE, .load.duration_ns = SECONDS(4), .max_tw_buckets = 1100, .taken.bucket_ends[59] = 300 }, 0, NEVER, "tcp_max_tw_buckets" },
	{ "until they end", "client-fin", { BASE, .max_tw_buckets = 1100, .taken.bucket_ends[0] = 300 }, 0, 2, "run out" },
	{ "ports beside the buckets, for ACKs that are late", "client-fin", { BASE, .max_tw_buckets = 940 }, 0, NEVER, "tcp_max_tw_buckets" },
	/* chance that is known */
	{ "Poisson, seed 1", "client-fin", { BASE, FEW_PORTS, RATE(100), .load.arrivals = ARRIVALS_POISSON, .load.pick.seed = 1 }, 0, 1.087, "run out" },
	{ "Poisson, seed 2", "client-fin", { BASE, FEW_PORTS, RATE(100), .load.arrivals = ARRIVALS_POISSON, .load.pick.seed = 2 }, 0, 0.954, "run out" },
	{ "Poisson and a mix, seed 32", "server-leak:50,client-fin:50", { BASE, .hi = 40049, RATE(26), .load.arrivals = ARRIVALS_POISSON, .load.pick.seed = 32 }, 0, 2.437, "run out" },
	{ "a random target, seed 1", "client-fin", { BASE, FEW_PORTS, .targets = 4, RATE(200), .load.pick.spread = SPREAD_RANDOM, .load.pick.seed = 1 }, 0, 1.86, "run out" },
	/* what is taken in one pool helps no other */
	{ "one of two targets is half used", "client-fin", { BASE, .targets = 2 }, 500, 2, "run out" },
	{ "bound ports are nobody's", "client-fin", { BASE, .targets = 2 }, ALL(100), 3.6, "run out" },
	{ "a port of ours in turn", "client-rst", { BASE, .own_port = true }, 1, NEVER, "leaves no TIME_WAIT" },
	{ "all of ours in turn", "client-fin", { BASE, FEW_PORTS, .own_port = true }, 100, 99 / 500.0, "run out" },
	{ "all of them, whatever the rate: they are tried first", "client-fin", { BASE, FEW_PORTS, .own_port = true, CLOSED }, 100, NEVER, "closed loop" },
	{ "taken whatever the rate", "client-fin", { BASE, FEW_PORTS, CLOSED }, 100, 0, "run out" },
	/* what a measured connect() says */
	{ "ports of the low end's parity that others have", "client-fin", { BASE, CLOSED, .cost_s = 1e-4, .slow_cost_s = 1e-3 }, 200, 0.04 + 0.4, "run out" },
	{ "past half a closed loop gets slow", "client-fin", { BASE, CLOSED, .cost_s = 1e-4, .slow_cost_s = 1e-3 }, 0, 0.05 + 0.5, "run out" },
	{ "and an open loop falls behind", "client-fin", { BASE, RATE(4000), .cost_s = 0.0, .slow_cost_s = 1e-3 }, 0, 0.125 + 0.5, "run out" },
	{ "a closed loop that was slow at first", "client-fin", { BASE, CLOSED, .cost_s = 1e-4, .early_cost_s = 1e-3, .early = 100 }, 0, 0.1 + 0.09, "run out" },
	{ "at first, but not past half", "client-fin", { BASE, CLOSED, .cost_s = 1e-4, .early_cost_s = 1e-3, .early = 100, .slow_cost_s = 2e-4 }, 0, 0.1 + 0.04 + 0.1, "run out" },
	{ "past half of the target that is named twice", "client-fin", { BASE, .targets = 2, .load.pick.n_targets = 3, CLOSED, .cost_s = 1e-4, .slow_cost_s = 1e-3 }, 0, 0.075 + 0.75, "run out" },
	{ "two threads are slow at once", "client-fin", { BASE, CLOSED, .cost_s = 1e-4, .slow_cost_s = 1e-3, .load.pick.workers = 2 }, 0, 0.025 + 0.25, "run out" },
};

/* Nothing is predicted, with a reason; then the fact that it names is turned, and there is a
 * figure. */
static const struct {
	const char *what, *close;
	struct ports_facts f;
	int taken;
	const char *reason;
	const char *close_then;
	struct ports_facts then;
} reasons[] = {
	{ "TIME_WAIT of 60 to 62 s", "client-fin", { BASE, .hi = 40599, RATE(9.8) }, 0, "too close to say", "client-fin", { BASE, .hi = 40599, RATE(10.1) } },
	{ "FIN_WAIT2 of 3 s", "server-leak", { BASE, .hi = 40599, RATE(194), .fin_timeout_s = 3 }, 0, "too close to say", "server-leak", { BASE, .hi = 40599, RATE(210), .fin_timeout_s = 3 } },
	{ "--close both", "both", { BASE }, 0, "race", "client-fin", { BASE } },
	{ "--linger2 -1", "client-fin", { BASE, .time_wait_unsure = true }, 0, "TCP_LINGER2", "client-fin", { BASE } },
	{ "ip_autobind_reuse", "client-fin", { BASE, .early_bind = true, .reuseaddr = true, .autobind_reuse = true }, 0, "at random", "client-fin", { BASE, .early_bind = true, .reuseaddr = true } },
	{ "sockets that cannot be asked", "client-fin", { BASE, .taken.unasked = 500 }, 0, "does not tell", "client-fin", { BASE } },
	{ "no inet_diag", "client-fin", { BASE, .taken_unknown = true }, 0, "not known", "client-fin", { BASE } },
	{ "a closed loop", "client-fin", { BASE, CLOSED }, 0, "closed loop", "client-fin", { BASE, CLOSED, .cost_s = 1e-3 } },
	{ "too many events", "client-fin", { BASE, .lo = 1024, .hi = 65535, .targets = 100, RATE(1e6), .load.duration_ns = SECONDS(100), .max_tw_buckets = 1000000000 }, 0, "5 million events", "client-fin", { BASE, .lo = 1024, .hi = 65535, RATE(1e6), .max_tw_buckets = 1000000000 } },
	{ "a crowd that leaves nothing", "client-rst", { BASE, CLOSED, .cost_s = 1e-4, .load.concurrency = 2000 }, 0, "as many connections", "client-fin", { BASE, CLOSED, .cost_s = 1e-4, .load.concurrency = 2000 } },
	{ "a pool larger than the ports", "client-fin", { BASE, FEW_PORTS, RATE(100), POOL(200) }, 0, "a pool opens connections as it needs them", "client-fin", { BASE, FEW_PORTS, RATE(100), POOL(200), .load.max_requests = 1 } },
	{ "a rate that just lets the run end", "client-fin", { BASE, CLOSED, .cost_s = 1.5e-3, .load.duration_ns = SECONDS(1) }, 0, "at the rate until now", "client-fin", { BASE, CLOSED, .cost_s = 0.9e-3, .load.duration_ns = SECONDS(1) } },
	{ "a rate that just lets ports be taken again", "client-fin", { BASE, CLOSED, .tw_reuse = 1, .cost_s = 1.5e-3 }, 0, "at the rate until now", "client-fin", { BASE, CLOSED, .tw_reuse = 1, .cost_s = 0.9e-3 } },
	{ "an ACK that may be late, and no bucket", "client-fin", { BASE, .max_tw_buckets = 960 }, 0, "kernel's timers", "client-fin", { BASE } },
	{ "the least busy of a target named twice and another", "client-fin", { BASE, .targets = 2, .load.pick.n_targets = 3, .load.pick.spread = SPREAD_LEAST }, 0, "--spread least", "client-fin", { BASE, .targets = 2, .load.pick.n_targets = 3 } },
};
/* clang-format on */

TEST_ROWS(predicts, rows)
{
	struct ports_prediction p;
	struct ports_facts f;

	facts_make(&f, row->what, &row->f, row->close, row->taken);
	facts_predict(&f, &p);
	facts_done(&f);
	ck_assert_msg(fabs(p.exhaustion_s - row->exhaustion_s) <=
			      0.01 * fmax(0.2, row->exhaustion_s),
		      "%s: after %.4f s, not %.4f (%s)", row->what, p.exhaustion_s,
		      row->exhaustion_s, p.reason);
	ck_assert_msg(strstr(p.reason, row->reason), "%s: %s", row->what, p.reason);
}

TEST_ROWS(each_reason_is_true, reasons)
{
	struct ports_prediction p;
	struct ports_facts f;

	facts_make(&f, row->what, &row->f, row->close, row->taken);
	facts_predict(&f, &p);
	facts_done(&f);
	ck_assert_msg(!p.known && p.exhaustion_s < 0 && strstr(p.reason, row->reason),
		      "%s: %.4f s, %s", row->what, p.exhaustion_s, p.reason);
	facts_make(&f, row->what, &row->then, row->close_then, row->taken);
	facts_predict(&f, &p);
	facts_done(&f);
	ck_assert_msg(p.known && p.exhaustion_s >= 0, "%s, turned: %s", row->what,
		      p.reason);
}

/* A pair of source and target, not only a moment. */
TEST(the_first_to_fail_is_named)
{
	const struct ports_facts base = { BASE, .targets = 2, .sources = 2 };
	struct ports_prediction p;
	struct ports_facts f;

	facts_make(&f, "two of each", &base, "client-fin", 0);
	f.taken.at[f.taken.n++] = (struct taken_port){ .pool = 3, .port = 40000 };
	facts_predict(&f, &p);
	facts_done(&f);
	ck_assert_uint_eq(p.source, 1);
	ck_assert_uint_eq(p.target, 1);
}

/* Half of the ports are another's; its TIME_WAIT ended before the run, or surely did not. */
static const struct {
	double expires_s, ago_s, exhaustion_s;
} ages[] = {
	{ 3, 0, 1 },
	{ 3, 1, 1 },
	{ 3, 5.1, 2 },
};

TEST_ROWS(what_is_taken_was_looked_at_before, ages)
{
	const struct ports_facts base = { BASE, .taken_ago_s = row->ago_s };
	struct ports_prediction p;
	struct ports_facts f;

	facts_make(&f, "taken before", &base, "client-fin", 500);
	for (size_t i = 0; i < f.taken.n; i++) {
		f.taken.at[i].by = TAKEN_TIME_WAIT;
		f.taken.at[i].expires_s = (float)row->expires_s;
	}
	facts_predict(&f, &p);
	facts_done(&f);
	ck_assert_msg(fabs(p.exhaustion_s - row->exhaustion_s) < 0.01,
		      "%g s to go, %g s ago: %g s (%s)", row->expires_s, row->ago_s,
		      p.exhaustion_s, p.reason);
}

CHECK_MAIN("outlook")
