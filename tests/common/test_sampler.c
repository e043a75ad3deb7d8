#include "common/kernel/sampler.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include "common/base/clock.h"
#include "tests/check_main.h"
#include "tests/private_netns.h"

#define WAIT_TRIES 1000 /* of 10 ms */

/* ---- sockets to look at */

static struct addr one_addr(const char *text)
{
	struct addr_list list;
	struct addr a;
	struct err err;

	ck_assert_msg(addr_parse_list(text, true, &list, &err) == 0, "%s", err.text);
	a = list.at[0];
	addr_list_done(&list);
	return a;
}

static int make_socket(const struct addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM, 0), one = 1;

	ck_assert_int_ne(fd, -1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static int listener(const char *text)
{
	struct addr a = one_addr(text);
	int fd = make_socket(&a);

	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	ck_assert_int_eq(listen(fd, 100), 0);
	return fd;
}

struct pair {
	int client, server;
};

static struct pair connected(int lfd, const char *text)
{
	struct addr a = one_addr(text);
	struct pair p = { .client = make_socket(&a) };

	ck_assert_int_eq(connect(p.client, &a.sa, a.len), 0);
	p.server = accept(lfd, NULL, NULL);
	ck_assert_int_ne(p.server, -1);
	return p;
}

static void time_wait(int lfd, const char *text)
{
	struct pair p = connected(lfd, text);
	char c;

	close(p.client);
	ck_assert_int_eq(read(p.server, &c, 1), 0);
	close(p.server);
}

/* ---- a sampler of them */

struct fixture {
	struct addr_list targets, listens;
	struct sampler_plan plan;
};

static void parse(struct fixture *f, const char *targets, const char *listens)
{
	memset(f, 0, sizeof(*f));
	if (targets && addr_parse_list(targets, false, &f->targets, NULL) == 0)
		f->plan.targets = &f->targets;
	if (listens && addr_parse_list(listens, false, &f->listens, NULL) == 0)
		f->plan.listens = &f->listens;
	f->plan.port_lo = 32768;
	f->plan.port_hi = 60999;
}

static struct sampler *start(const struct sampler_plan *plan, struct sample *first)
{
	struct sampler *s;
	struct err err;

	ck_assert_msg(sampler_start(plan, first, &s, &err) == 0, "%s", err.text);
	return s;
}

static void done(struct sampler *s, struct fixture *f)
{
	sampler_stop(s);
	addr_list_done(&f->targets);
	addr_list_done(&f->listens);
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
	struct sample sample;
	struct sampler *s;
	struct fixture f;

	ck_assert(private_netns());
	make_crowd();
	parse(&f, sides[_i].targets, sides[_i].listens);
	s = start(&f.plan, &sample);
	ck_assert_msg(sample.client.n[STATE_ESTABLISHED] == sides[_i].client_estab &&
			      sample.client.n[STATE_TIME_WAIT] == sides[_i].client_tw,
		      "%s: client", sides[_i].what);
	ck_assert_msg(sample.server.n[STATE_ESTABLISHED] == sides[_i].server_estab &&
			      sample.server.n[STATE_LISTEN] == sides[_i].server_listen,
		      "%s: server", sides[_i].what);
	ck_assert_msg(sum(&sample.other) == sides[_i].other, "%s: other is %u",
		      sides[_i].what, sum(&sample.other));
	ck_assert_msg(sample.ports_in_use == sides[_i].ports, "%s: ports",
		      sides[_i].what);
	ck_assert_uint_eq(sample.sockstat.tw, 1);
	ck_assert(sample.counters.n[KC_ActiveOpens] == 5);
	ck_assert(sample.t_ns <= clock_ns());
	done(s, &f);
}

TEST(a_socket_connected_to_itself_is_a_client)
{
	struct addr a = one_addr("127.0.0.1:5000");
	struct sample sample;
	struct sampler *s;
	struct fixture f;
	int fd;

	ck_assert(private_netns());
	fd = make_socket(&a);
	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	ck_assert_int_eq(connect(fd, &a.sa, a.len), 0);
	parse(&f, "127.0.0.1:5000", "127.0.0.1:5000");
	s = start(&f.plan, &sample);
	ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], 1);
	ck_assert_uint_eq(sum(&sample.server), 0);
	ck_assert_uint_eq(sample.ports_in_use, 0);
	done(s, &f);
}

TEST(counts_listeners_in_the_range)
{
	struct sample sample;
	struct sampler *s;
	struct fixture f;

	ck_assert(private_netns());
	listener("127.0.0.1:32767");
	listener("127.0.0.1:32768");
	listener("[::1]:60999");
	listener("127.0.0.1:61000");
	parse(&f, "127.0.0.1:5000", NULL);
	s = start(&f.plan, &sample);
	ck_assert_uint_eq(sample.listeners_in_range, 2);
	done(s, &f);
}

TEST(a_fresh_sample_sees_what_was_just_made)
{
	struct fixture f;
	struct sample sample;
	struct sampler *s;
	int lfd;

	ck_assert(private_netns());
	lfd = listener("127.0.0.1:5000");
	parse(&f, "127.0.0.1:5000", "127.0.0.1:5000");
	f.plan.tick_ns = 3600 * NS_PER_S; /* nothing comes by itself */
	s = start(&f.plan, NULL);
	for (unsigned i = 1; i <= 20; i++) {
		connected(lfd, "127.0.0.1:5000");
		ck_assert_int_eq(sampler_fresh(s, &sample, NULL), 0);
		ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], i);
		ck_assert_uint_eq(sample.server.n[STATE_ESTABLISHED], i);
		memset(&sample, 0, sizeof(sample));
		sampler_latest(s, &sample);
		ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], i);
	}
	done(s, &f);
}

/* What is read without a lock is the number of the newest sample, and changes with each. */
TEST(the_ports_word_follows)
{
	const _Atomic uint64_t *word;
	uint64_t before = 0;
	struct fixture f;
	struct sample sample;
	struct sampler *s;
	int lfd;

	ck_assert(private_netns());
	lfd = listener("127.0.0.1:5000");
	parse(&f, "127.0.0.1:5000", NULL);
	f.plan.tick_ns = 3600 * NS_PER_S;
	s = start(&f.plan, NULL);
	word = sampler_ports(s);
	for (unsigned i = 1; i <= 10; i++) {
		connected(lfd, "127.0.0.1:5000");
		ck_assert_int_eq(sampler_fresh(s, &sample, NULL), 0);
		ck_assert_uint_eq(SAMPLER_PORTS(*word), i);
		ck_assert_uint_ne(*word, before);
		before = *word;
		ck_assert_int_eq(sampler_fresh(s, &sample, NULL), 0);
		ck_assert_uint_ne(*word, before);
	}
	done(s, &f);
}

static struct sampler_report wait_ticks(struct sampler *s, uint64_t ticks)
{
	struct sampler_report r;

	for (int i = 0; i < WAIT_TRIES; i++) {
		sampler_report(s, &r);
		if (r.ticks >= ticks)
			return r;
		poll(NULL, 0, 10);
	}
	ck_abort_msg("%u ticks", (unsigned)r.ticks);
	return r;
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
	struct sampler_report r;
	struct sampler *s;
	struct fixture f;

	ck_assert(private_netns());
	parse(&f, "127.0.0.1:5000", NULL);
	f.plan.tick_ns = 20 * NS_PER_MS;
	f.plan.budget = budgets[_i].budget;
	s = start(&f.plan, NULL);
	r = wait_ticks(s, 10);
	ck_assert_msg((r.full_dumps >= 5) == budgets[_i].every_tick, "%s: %u dumps",
		      budgets[_i].what, (unsigned)r.full_dumps);
	/* The newest tick may not have come to its end yet; the first sample was no tick. */
	ck_assert_msg(r.full_dumps + r.thinned >= r.ticks &&
			      r.full_dumps + r.thinned <= r.ticks + 1,
		      "%s: every tick is one or the other", budgets[_i].what);
	ck_assert(r.longest_ms > 0 && r.cpu_s > 0);
	done(s, &f);
}

#define CROWD 2000

/* Between two full dumps TIME_WAIT is not listed: the kernel is asked for the other states. */
TEST(time_wait_is_listed_by_full_dumps_alone)
{
	struct sampler_report r;
	struct sampler *s;
	struct fixture f;
	int lfd, tries = 0;

	ck_assert(private_netns());
	lfd = listener("127.0.0.1:5000");
	for (int i = 0; i < CROWD; i++)
		time_wait(lfd, "127.0.0.1:5000");
	parse(&f, "127.0.0.1:5000", NULL);
	f.plan.tick_ns = 5 * NS_PER_MS;
	f.plan.budget = 0.05;
	s = start(&f.plan, NULL);
	do {
		poll(NULL, 0, 10);
		sampler_report(s, &r);
	} while (r.samples < r.full_dumps + 3 && ++tries < WAIT_TRIES);
	ck_assert_uint_ge(r.samples, r.full_dumps + 3);
	ck_assert_uint_ge(r.sockets, r.full_dumps * CROWD);
	ck_assert_uint_lt(r.sockets, (r.full_dumps + 1) * CROWD);
	done(s, &f);
}

TEST(remembers_peaks)
{
	struct sampler_report r;
	struct sample sample;
	struct fixture f;
	struct sampler *s;
	struct pair p;
	int lfd;

	ck_assert(private_netns());
	lfd = listener("127.0.0.1:5000");
	parse(&f, "127.0.0.1:5000", "127.0.0.1:5000");
	s = start(&f.plan, NULL);
	p = connected(lfd, "127.0.0.1:5000");
	time_wait(lfd, "127.0.0.1:5000");
	ck_assert_int_eq(sampler_fresh(s, &sample, NULL), 0);
	shutdown(p.client, SHUT_WR);
	close(p.server);
	close(p.client);
	close(lfd);
	ck_assert_int_eq(sampler_fresh(s, &sample, NULL), 0);
	sampler_report(s, &r);
	ck_assert_uint_eq(sample.client.n[STATE_ESTABLISHED], 0);
	ck_assert_uint_eq(r.client_peak.n[STATE_ESTABLISHED], 1);
	ck_assert_uint_eq(r.server_peak.n[STATE_ESTABLISHED], 1);
	ck_assert_uint_eq(r.server_peak.n[STATE_LISTEN], 1);
	ck_assert_uint_eq(r.ports_peak, 2);
	ck_assert_uint_ge(r.tw_peak, 1);
	done(s, &f);
}

/* With no budget for a second dump: the ticks alone find what comes, the peak among them. */
TEST(time_wait_is_kept_up_to_date)
{
	struct sampler_report r;
	struct sample sample;
	struct fixture f;
	struct sampler *s;
	int lfd;

	ck_assert(private_netns());
	lfd = listener("127.0.0.1:5000");
	time_wait(lfd, "127.0.0.1:5000");
	parse(&f, "127.0.0.1:5000", "127.0.0.1:5000");
	f.plan.tick_ns = 20 * NS_PER_MS;
	f.plan.budget = 1e-9;
	s = start(&f.plan, &sample);
	ck_assert(sample.full);
	ck_assert_uint_eq(sample.client.n[STATE_TIME_WAIT], 1);
	wait_ticks(s, 3); /* the one live dump, to learn what it costs, is over */
	for (int i = 0; i < 300; i++)
		time_wait(lfd, "127.0.0.1:5000");
	sampler_report(s, &r);
	wait_ticks(s, r.ticks + 2);
	sampler_latest(s, &sample);
	ck_assert(!sample.full);
	ck_assert_uint_eq(sample.client.n[STATE_TIME_WAIT], 301);
	ck_assert_uint_eq(sample.server.n[STATE_TIME_WAIT], 0);
	ck_assert_uint_eq(sample.ports_in_use, 301);
	ck_assert_uint_eq(SAMPLER_PORTS(*sampler_ports(s)), 301);
	sampler_report(s, &r);
	ck_assert_uint_eq(r.full_dumps, 1);
	ck_assert_uint_eq(r.tw_peak, 301);
	ck_assert_int_eq(sampler_fresh(s, &sample, NULL), 0);
	ck_assert(sample.full);
	sampler_report(s, &r);
	ck_assert_uint_eq(r.client_peak.n[STATE_TIME_WAIT], 301);
	ck_assert_uint_eq(r.ports_peak, 301);
	done(s, &f);
}

static void *ask_often(void *arg)
{
	struct sampler_report r;
	struct sample sample;

	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(sampler_fresh(arg, &sample, NULL), 0);
		sampler_latest(arg, &sample);
		sampler_report(arg, &r);
	}
	return NULL;
}

TEST(answers_many_threads)
{
	struct sampler_report r;
	pthread_t thread[4];
	struct sampler *s;
	struct fixture f;

	ck_assert(private_netns());
	parse(&f, "127.0.0.1:5000", "127.0.0.1:5000");
	f.plan.tick_ns = NS_PER_MS;
	s = start(&f.plan, NULL);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, ask_often, s), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	sampler_report(s, &r);
	ck_assert_uint_ge(r.samples, 50); /* one may answer all four */
	done(s, &f);
}

TEST(stops_when_it_never_started)
{
	sampler_stop(NULL);
}

int main(void)
{
	return private_netns_works() ? check_main("sampler", check_tests) : 77;
}
