#include "common/kernel/sampler.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include "common/base/clock.h"
#include "tests/netns_sockets.h"

#define WAIT_TRIES 1000 /* of 10 ms */

/* ---- a sampler of them */

static struct sampler_plan plan;
static struct addr_list targets, listens;
static struct sampler *sampler;
static struct sampler_report r;
static struct sample sample;

/* In a namespace of the test's own; NULL = that side is nobody's. */
static void make_plan(const char *target, const char *listen)
{
	ck_assert(private_netns());
	plan = (struct sampler_plan){ .port_lo = 32768, .port_hi = 60999 };
	if (target && addr_parse_list(target, false, &targets, NULL) == 0)
		plan.targets = &targets;
	if (listen && addr_parse_list(listen, false, &listens, NULL) == 0)
		plan.listens = &listens;
}

static void start(struct sample *first)
{
	struct err err;

	ck_assert_msg(sampler_start(&plan, first, &sampler, &err) == 0, "%s", err.text);
}

static void done(void)
{
	sampler_stop(sampler);
	addr_list_done(&targets);
	addr_list_done(&listens);
}

/* In the namespace: 2 connections to 127.0.0.1:5000 and one there in TIME_WAIT, one to
 * [::1]:5000, one to 127.0.0.2:5001; listeners on all three. */
static void make_crowd(void)
{
	int a = listener("127.0.0.1:5000"), b = listener("[::1]:5000");
	int c = listener("127.0.0.2:5001");

	connected(a, "127.0.0.1:5000");
	connected(a, "127.0.0.1:5000");
	time_wait(a, "127.0.0.1:5000");
	connected(b, "[::1]:5000");
	connected(c, "127.0.0.2:5001");
}

/* clang-format off */
static const struct {
	const char *what, *targets, *listens;
	unsigned client_estab, client_tw, server_estab, server_listen, other, ports;
} sides[] = {
	{ "both sides, one address",   "127.0.0.1:5000", "127.0.0.1:5000",
	  2, 1, 2, 1, 6, 3 },
	{ "client side alone",         "127.0.0.1:5000", NULL,
	  2, 1, 0, 0, 9, 3 },
	{ "server side alone",         NULL,             "127.0.0.1:5000",
	  0, 0, 2, 1, 9, 0 },
	{ "nobody's",                  NULL,             NULL,
	  0, 0, 0, 0, 12, 0 },
	{ "IPv6",                      "[::1]:5000",     "[::1]:5000",
	  1, 0, 1, 1, 9, 1 },
	{ "several targets",           "127.0.0.1:5000,[::1]:5000,127.0.0.2:5001", NULL,
	  4, 1, 0, 0, 7, 5 },
	{ "address and port together", "127.0.0.2:5000,127.0.0.1:5001", NULL,
	  0, 0, 0, 0, 12, 0 },
	{ "a wildcard listener",       NULL,             "0.0.0.0:5000",
	  0, 0, 2, 1, 9, 0 },
	{ "an IPv6 wildcard is both",  NULL,             "[::]:5000",
	  0, 0, 3, 2, 7, 0 },
	{ "a wildcard target is loopback", "0.0.0.0:5000", NULL,
	  2, 1, 0, 0, 9, 3 },
	{ "a v4-mapped target",        "[::ffff:127.0.0.1]:5000", NULL,
	  2, 1, 0, 0, 9, 3 },
};
/* clang-format on */

static unsigned sum(const struct tcp_states *s)
{
	return (unsigned)(tcp_states_total(s) + s->n[STATE_LISTEN]);
}

TEST_ROWS(tells_the_sides_apart, sides)
{
	make_plan(row->targets, row->listens);
	make_crowd();
	start(&sample);
	ck_assert_msg(sample.client.n[STATE_ESTABLISHED] == row->client_estab &&
			      sample.client.n[STATE_TIME_WAIT] == row->client_tw,
		      "%s: client", row->what);
	ck_assert_msg(sample.server.n[STATE_ESTABLISHED] == row->server_estab &&
			      sample.server.n[STATE_LISTEN] == row->server_listen,
		      "%s: server", row->what);
	ck_assert_msg(sum(&sample.other) == row->other, "%s: other is %u", row->what,
		      sum(&sample.other));
	ck_assert_msg(sample.ports_in_use == row->ports, "%s: ports", row->what);
	ck_assert_uint_eq(sample.sockstat.tw, 1);
	ck_assert(sample.counters.n[KC_ActiveOpens] == 5);
	ck_assert(sample.t_ns <= clock_ns());
	done();
}

TEST(a_socket_connected_to_itself_is_a_client)
{
	struct addr a = one_addr("127.0.0.1:5000");
	int fd;

	make_plan("127.0.0.1:5000", "127.0.0.1:5000");
	fd = make_socket(&a);
	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	ck_assert_int_eq(connect(fd, &a.sa, a.len), 0);
	start(&sample);
	ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], 1);
	ck_assert_uint_eq(sum(&sample.server), 0);
	ck_assert_uint_eq(sample.ports_in_use, 0);
	done();
}

TEST(counts_listeners_in_the_range)
{
	make_plan("127.0.0.1:5000", NULL);
	listener("127.0.0.1:32767");
	listener("127.0.0.1:32768");
	listener("[::1]:60999");
	listener("127.0.0.1:61000");
	start(&sample);
	ck_assert_uint_eq(sample.listeners_in_range, 2);
	done();
}

TEST(a_fresh_sample_sees_what_was_just_made)
{
	int lfd;

	make_plan("127.0.0.1:5000", "127.0.0.1:5000");
	lfd = listener("127.0.0.1:5000");
	plan.tick_ns = 3600 * NS_PER_S; /* nothing comes by itself */
	start(NULL);
	for (unsigned i = 1; i <= 20; i++) {
		connected(lfd, "127.0.0.1:5000");
		ck_assert_int_eq(sampler_fresh(sampler, &sample, NULL), 0);
		ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], i);
		ck_assert_uint_eq(sample.server.n[STATE_ESTABLISHED], i);
		memset(&sample, 0, sizeof(sample));
		sampler_latest(sampler, &sample);
		ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], i);
	}
	done();
}

/* What is read without a lock is the number of the newest sample, and changes with each. */
TEST(the_ports_word_follows)
{
	const _Atomic uint64_t *word;
	uint64_t before = 0;
	int lfd;

	make_plan("127.0.0.1:5000", NULL);
	lfd = listener("127.0.0.1:5000");
	plan.tick_ns = 3600 * NS_PER_S;
	start(NULL);
	word = sampler_ports(sampler);
	for (unsigned i = 1; i <= 10; i++) {
		connected(lfd, "127.0.0.1:5000");
		ck_assert_int_eq(sampler_fresh(sampler, &sample, NULL), 0);
		ck_assert_uint_eq(SAMPLER_PORTS(*word), i);
		ck_assert_uint_ne(*word, before);
		before = *word;
		ck_assert_int_eq(sampler_fresh(sampler, &sample, NULL), 0);
		ck_assert_uint_ne(*word, before);
	}
	done();
}

/* Until there were so many: the report is in `r`. */
static void wait_ticks(uint64_t ticks)
{
	for (int i = 0; i < WAIT_TRIES; i++) {
		sampler_report(sampler, &r);
		if (r.ticks >= ticks)
			return;
		poll(NULL, 0, 10);
	}
	ck_abort_msg("%u ticks, not %u", (unsigned)r.ticks, (unsigned)ticks);
}

static const struct {
	const char *what;
	double budget;
	bool every_tick;
} budgets[] = {
	{ "with all the time of a core, at every tick", 1, true },
	{ "with next to none, put off and counted", 1e-9, false },
};

TEST_ROWS(keeps_to_its_budget, budgets)
{
	make_plan("127.0.0.1:5000", NULL);
	plan.tick_ns = 20 * NS_PER_MS;
	plan.budget = row->budget;
	start(NULL);
	wait_ticks(10);
	ck_assert_msg((r.full_dumps >= 5) == row->every_tick, "%s: %u dumps", row->what,
		      (unsigned)r.full_dumps);
	/* The newest tick may not have come to its end yet; the first sample was no tick. */
	ck_assert_msg(r.full_dumps + r.thinned >= r.ticks &&
			      r.full_dumps + r.thinned <= r.ticks + 1,
		      "%s: every tick is one or the other", row->what);
	ck_assert(r.longest_ms > 0 && r.cpu_s > 0);
	done();
}

#define CROWD 2000

/* Between two full dumps TIME_WAIT is not listed: the kernel is asked for the other states. */
TEST(time_wait_is_listed_by_full_dumps_alone)
{
	int lfd, tries = 0;

	make_plan("127.0.0.1:5000", NULL);
	lfd = listener("127.0.0.1:5000");
	for (int i = 0; i < CROWD; i++)
		time_wait(lfd, "127.0.0.1:5000");
	plan.tick_ns = 5 * NS_PER_MS;
	plan.budget = 0.05;
	start(NULL);
	do {
		poll(NULL, 0, 10);
		sampler_report(sampler, &r);
	} while (r.samples < r.full_dumps + 3 && ++tries < WAIT_TRIES);
	ck_assert_uint_ge(r.samples, r.full_dumps + 3);
	ck_assert_uint_ge(r.sockets, r.full_dumps * CROWD);
	ck_assert_uint_lt(r.sockets, (r.full_dumps + 1) * CROWD);
	done();
}

TEST(remembers_peaks)
{
	struct pair p;
	int lfd;

	make_plan("127.0.0.1:5000", "127.0.0.1:5000");
	lfd = listener("127.0.0.1:5000");
	start(NULL);
	p = connected(lfd, "127.0.0.1:5000");
	time_wait(lfd, "127.0.0.1:5000");
	ck_assert_int_eq(sampler_fresh(sampler, &sample, NULL), 0);
	shutdown(p.client, SHUT_WR);
	close(p.server);
	close(p.client);
	close(lfd);
	ck_assert_int_eq(sampler_fresh(sampler, &sample, NULL), 0);
	sampler_report(sampler, &r);
	ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], 0);
	ck_assert_uint_eq(r.client_peak.n[STATE_ESTABLISHED], 1);
	ck_assert_uint_eq(r.server_peak.n[STATE_ESTABLISHED], 1);
	ck_assert_uint_eq(r.server_peak.n[STATE_LISTEN], 1);
	ck_assert_uint_eq(r.ports_peak, 2);
	ck_assert_uint_ge(r.tw_peak, 1);
	done();
}

/* With no budget for a second dump: the ticks alone find what comes, the peak among them. */
TEST(time_wait_is_kept_up_to_date)
{
	int lfd;

	make_plan("127.0.0.1:5000", "127.0.0.1:5000");
	lfd = listener("127.0.0.1:5000");
	time_wait(lfd, "127.0.0.1:5000");
	plan.tick_ns = 20 * NS_PER_MS;
	plan.budget = 1e-9;
	start(&sample);
	ck_assert(sample.full);
	ck_assert_uint_eq(sample.client.n[STATE_TIME_WAIT], 1);
	wait_ticks(
		3); /* the second full dump is over, which the first is not counted against */
	for (int i = 0; i < 300; i++)
		time_wait(lfd, "127.0.0.1:5000");
	sampler_report(sampler, &r);
	wait_ticks(r.ticks + 2);
	sampler_latest(sampler, &sample);
	ck_assert(!sample.full);
	ck_assert_uint_eq(sample.client.n[STATE_TIME_WAIT], 301);
	ck_assert_uint_eq(sample.server.n[STATE_TIME_WAIT], 0);
	ck_assert_uint_eq(sample.ports_in_use, 301);
	ck_assert_uint_eq(SAMPLER_PORTS(*sampler_ports(sampler)), 301);
	sampler_report(sampler, &r);
	ck_assert_uint_eq(r.full_dumps, 2);
	ck_assert_uint_eq(r.tw_peak, 301);
	ck_assert(sample_counted_ns(&sample) > sample.t_ns); /* most are in TIME_WAIT */
	ck_assert_int_eq(sampler_fresh(sampler, &sample, NULL), 0);
	ck_assert(sample.full);
	sampler_report(sampler, &r);
	ck_assert_uint_eq(r.client_peak.n[STATE_TIME_WAIT], 301);
	ck_assert_uint_eq(r.ports_peak, 301);
	done();
}

/* Timers of sockets are as coarse as the kernel's tick, which is 10 ms at most. */
static void let_a_tick_pass(void)
{
	poll(NULL, 0, 25);
}

static void make_time_wait(int lfd, int n)
{
	let_a_tick_pass();
	while (n--)
		time_wait(lfd, "127.0.0.1:5000");
	let_a_tick_pass();
}

TEST(time_wait_from_before_is_known_by_its_timer)
{
	int lfd;

	make_plan("127.0.0.1:5000", "127.0.0.1:5000");
	lfd = listener("127.0.0.1:5000");
	plan.tick_ns = 3600 * NS_PER_S;
	make_time_wait(lfd, 30);
	start(&sample);
	ck_assert_uint_eq(sample.client.n[STATE_TIME_WAIT], 30);
	ck_assert_uint_eq(sample.client_before, 30);
	make_time_wait(lfd, 5);
	ck_assert_int_eq(sampler_fresh(sampler, &sample, NULL), 0);
	ck_assert_uint_eq(sample.client.n[STATE_TIME_WAIT], 35);
	ck_assert_uint_eq(sample.client_before, 30);
	sampler_report(sampler, &r);
	ck_assert_uint_eq(r.client_own_peak, 5);
	ck_assert_uint_eq(r.client_peak.n[STATE_TIME_WAIT], 35);
	ck_assert_uint_eq(sample.server_before + r.server_own_peak, 0);
	done();
}

/* A port that some count shows to be in use is in use, though that count leaves TIME_WAIT out: what
 * others have of it makes such counts cheaper. */
TEST(ports_in_use_are_never_fewer_than_a_states_peak)
{
	int lfd, others;

	make_plan("127.0.0.1:5000", NULL);
	lfd = listener("127.0.0.1:5000");
	others = listener("127.0.0.2:5001");
	for (int i = 0; i < CROWD / 4; i++)
		time_wait(others, "127.0.0.2:5001");
	plan.tick_ns = 2 * NS_PER_MS;
	plan.budget = 0.05;
	start(NULL);
	for (unsigned i = 1; i <= 10; i++) {
		connected(lfd, "127.0.0.1:5000");
		do {
			poll(NULL, 0, 1);
			sampler_report(sampler, &r);
			ck_assert_uint_ge(r.ports_peak,
					  r.client_peak.n[STATE_ESTABLISHED]);
		} while (r.client_peak.n[STATE_ESTABLISHED] < i);
	}
	done();
}

static void *ask_often(void *arg)
{
	struct sampler_report report;
	struct sample fresh;

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(sampler_fresh(arg, &fresh, NULL), 0);
		sampler_latest(arg, &fresh);
		sampler_report(arg, &report);
	}
	return NULL;
}

TEST(answers_many_threads)
{
	pthread_t thread[4];

	make_plan("127.0.0.1:5000", "127.0.0.1:5000");
	plan.tick_ns = NS_PER_MS;
	start(NULL);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, ask_often, sampler), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	sampler_report(sampler, &r);
	ck_assert_uint_ge(r.samples, 50); /* one may answer all four */
	done();
}

TEST(stops_when_it_never_started)
{
	sampler_stop(NULL);
}

int main(void)
{
	return private_netns_works() ? check_main("sampler", check_tests) : 77;
}
