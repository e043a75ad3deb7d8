/* ports_facts - made-up facts for the prediction. */
#ifndef TWSTORM_TESTS_COMMON_PORTS_FACTS_H
#define TWSTORM_TESTS_COMMON_PORTS_FACTS_H

#include <stdlib.h>
#include "common/base/clock.h"
#include "common/kernel/host.h"
#include "common/ports/ports.h"
#include "tests/check_main.h"

#define NEVER      -1.0
#define NO_RATE    -1.0 /* no limit by ports */
#define SECONDS(s) (uint64_t)((s) * (double)NS_PER_S)

/* Of 60 s a timer makes up to 62.048 s with 250 ticks a second, and a delayed ACK 0.1 s more. */
#define TW 62.148
/* The same of tcp_fin_timeout 5; of the delay after which TIME_WAIT is taken again. */
#define FW2   5.356
#define AGAIN 1.02

/* A thousand ports to one target over a wire, client-fin at 500/s for a minute and more. */
#define BASE                                                                             \
	.lo = 40000, .hi = 40999, .targets = 1, .sources = 1, .timestamps = true,        \
	.tw_reuse = 2, .tw_reuse_delay_s = 1, .fin_timeout_s = 60, .tick_s = 0.004,      \
	.max_tw_buckets = 131072,                                                        \
	.load = { .rate = { .from = 500, .to = 500 },                                    \
		  .duration_ns = SECONDS(100),                                           \
		  .concurrency = 20000,                                                  \
		  .ranks = 1,                                                            \
		  .requests = 1,                                                         \
		  .pick = { .workers = 1 } }

/* gcc and clang take the last of two initialisers; that is what BASE is for. */
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif

#define ALL(n) (1000000 + (n)) /* bound ports, that nobody has */

/* The facts of a row, whole: its close strategies, and `taken` sockets of others in the first pool,
 * below 0 of our own, ALL(n) bound ports. */
static void facts_make(struct ports_facts *f, const char *what,
		       const struct ports_facts *from, const char *close, int taken)
{
	int n = abs(taken);
	bool bound = n >= ALL(0);
	struct err err;

	*f = *from;
	ck_assert_msg(closing_mix_parse(close, &f->load.pick.mix, &err) == 0, "%s: %s",
		      what, err.text);
	if (f->load.pick.n_targets == 0)
		f->load.pick.n_targets = f->targets;
	f->load.pick.n_sources = f->sources;
	f->target_id = calloc(f->load.pick.n_targets, sizeof(*f->target_id));
	for (uint32_t i = 0; i < f->load.pick.n_targets; i++)
		f->target_id[i] = i % f->targets;
	f->load.pick.reuseaddr = f->reuseaddr;
	if (f->own_port) {
		struct host_ports host = { .lo = (uint16_t)f->lo, .hi = (uint16_t)f->hi };

		for (unsigned k = 0; k < f->reserved; k++)
			port_set_add(&host.reserved, (uint16_t)(f->lo + k));
		ck_assert_int_eq(own_ports_make(&f->load.pick.own_ports, &host, f->lo,
						f->hi, &err),
				 0);
	}
	n -= bound ? ALL(0) : 0;
	f->taken.n = (size_t)n;
	f->taken.at = calloc((size_t)n + 1, sizeof(*f->taken.at));
	for (int k = 0; k < n; k++)
		f->taken.at[k] = (struct taken_port){
			.pool = bound ? TAKEN_ALL_POOLS : 0,
			.port = (uint16_t)(f->lo + (unsigned)k),
			.by = taken < 0 ? TAKEN_KEPT : TAKEN_SOCKET,
		};
}

static void facts_predict(const struct ports_facts *f, struct ports_prediction *p)
{
	struct err err;

	ck_assert_int_eq(ports_predict(f, PORTS_MOST_EVENTS, p, &err), 0);
}

static void facts_done(struct ports_facts *f)
{
	own_ports_done(&f->load.pick.own_ports);
	ports_facts_done(f);
}

#endif
