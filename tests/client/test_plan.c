/* From a command line to a plan, or one sentence why not. */
#include "client/plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "common/base/rng.h"
#include "common/base/clock.h"
#include "common/kernel/host.h"
#include "tests/check_main.h"

#define WORDS 32

/* Parses "-t 127.0.0.1:9000 ..." as a shell without quotes would, and makes the plan. */
static int plan_from(const char *line, struct client_plan *plan, struct err *err)
{
	static char copy[1024]; /* options point into it */
	char name[] = "client", *rest = copy, *argv[WORDS] = { name }, *word;
	struct client_options o = { 0 };
	struct opt_result parsed;
	int argc = 1, r;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")))
		argv[argc++] = word;
	r = opt_parse(&client_command, argc, argv, &o, &parsed, err);
	if (r == 0)
		r = client_plan_make(&o, plan, err);
	opt_done(&client_command, &o);
	return r;
}

#define T "-t 127.0.0.1:9000 "

/* clang-format off */
static const struct {
	const char *what, *line, *says;
} faults[] = {
	{ "no target", "-c 1", "no target" },
	{ "an empty target", "-t ", "no target" },
	{ "unknown option", T "--what", "what" },
	{ "a word", T "word", "word" },
	{ "port 0", "-t 127.0.0.1:0", "--target" },
	{ "port 70000", "-t 127.0.0.1:70000", "--target" },
	{ "no port", "-t 127.0.0.1", "--target" },
	{ "an empty part", "-t 127.0.0.1:9000,", "--target" },
	{ "a URL", "-t http://localhost/", "write --target localhost:80 --proto http" },
	{ "with a port and a path", "-t http://127.0.0.1:8080/a?b=1", "write --target 127.0.0.1:8080 --proto http --path '/a?b=1'" },
	{ "of IPv6", "-t http://[::1]/", "write --target [::1]:80 --proto http" },
	{ "with a path alone", "-t 127.0.0.1:9000/a", "--target" },
	{ "somebody else's", "-t 192.0.2.1:80", "--i-own-this-target" },
	{ "somebody else's among ours", "-t 127.0.0.1:80,8.8.8.8:53", "--i-own-this-target" },
	{ "concurrency 0", T "-c 0", "--concurrency" },
	{ "concurrency too high", T "-c 1000001", "--concurrency" },
	{ "concurrency below 0", T "-c -1", "concurrency" },
	{ "workers 0", T "-w 0", "--workers" },
	{ "more workers than connections", T "-c 2 -w 3", "--workers 3" },
	{ "too many workers", T "-c 2000 -w 1025", "--workers" },
	{ "duration 0", T "-d 0", "--duration" },
	{ "no unit", T "-d 10", "--duration" },
	{ "a bare rate", T "-r 500", "--rate" },
	{ "timeout 0", T "--timeout 0", "--timeout" },
	{ "request too large", T "--request-size 4G", "end at 4G - 1" },
	{ "response too large", T "--response-size 5G", "end at 4G - 1" },
	{ "hold too long", T "--hold 5h", "--hold ends at" },
	{ "poisson without a rate", T "--arrivals poisson", "needs a --rate" },
	{ "both lingers", T "--linger 1s --linger2 1s", "exclude each other" },
	{ "half a second of linger", T "--linger 1500ms", "whole seconds" },
	{ "linger too long", T "--linger 128s", "up to 127s" },
	{ "linger2 too long", T "--linger2 61s", "up to 60s" },
	{ "half a second of linger2", T "--linger2 500ms", "whole seconds" },
	{ "linger2 -2", T "--linger2 -2", "--linger2" },
	{ "linger2 a word", T "--linger2 soon", "--linger2" },
	{ "interval too short", T "--interval 99ms", "at least 100ms" },
	{ "token without stats", T "--admin-token-file x", "--server-stats" },
	{ "rank too high", T "--rank 1", "1 (option) of 1 (default)" },
	{ "no ranks", T "--ranks 0", "below --ranks" },
	{ "ranks that do not fit", T "--ranks 4294967296", "--ranks" },
	{ "a rank that does not fit", T "--ranks 4294967298 --rank 4294967297", "--ranks" },
	{ "retiring without a pool", T "--max-requests 5", "need --pool" },
	{ "ageing without a pool", T "--max-age 5s", "need --pool" },
	{ "idling without a pool", T "--idle-timeout 5s", "need --pool" },
	{ "a pool that says nothing", T "--pool 2 --requests 0", "must not be 0" },
	{ "a pool too large", T "--pool 1000001", "--pool ends at" },
	{ "a pool too small", T "-w 4 --pool 3", "--pool must be at least" },
	{ "unknown strategy", T "--close client-fun", "--close" },
	{ "bad mix", T "--close client-fin:1,both", "--close" },
	{ "unread nothing", T "--close client-unread --response-size 0", "needs a --response-size" },
	{ "unread nothing, in a mix", T "--close client-fin:1,client-unread:1 --response-size 0", "needs a --response-size" },
	{ "empty responses, two requests", T "--response-size 0 --requests 2", "--requests of 2 or more" },
	{ "empty responses in a pool", T "--response-size 0 --pool 2", "a connection of the --pool" },
	{ "... each used twice", T "--response-size 0 --pool 2 --max-requests 2", "a connection of the --pool" },
	{ "... twice an arrival", T "--response-size 0 --pool 2 --max-requests 1 --requests 2", "a connection of the --pool" },
	{ "no request, server first", T "--requests 0 --close server-fin", "needs a request" },
	{ "no request, both", T "--requests 0 --close both", "needs a request" },
	{ "no request, server-leak", T "--requests 0 --close server-leak", "needs a request" },
	{ "no request to go in the SYN", T "--fastopen --requests 0", "--fastopen sends" },
	{ "no data for a FIN to ride on", T "--fin-with-data --requests 0 --close client-half", "--fin-with-data needs data" },
	{ "a FIN that rides and waits", T "--fin-with-data --hold 1s --close server-fin", "no time for a --hold" },
	{ "a FIN that follows no data", T "--fin-with-data", "with --close client-fin no" },
	{ "a server's FIN in HTTP", T "--proto http --fin-with-data --close server-fin", "client-half alone in HTTP" },
	{ "a RST does not ride", T "--fin-with-data --close server-rst:1,client-rst:1", "no FIN follows data" },
	{ "a source that is not ours", T "--source 198.51.100.7", "not an address of this" },
	{ "a source of another family", T "--source ::1", "one address family" },
	{ "a name for a source", T "--source localhost", "--source" },
	{ "an empty source", T "--source ,", "--source" },
	{ "ports backwards", T "--source-ports 41000-40000", "no range of ports" },
	{ "one port", T "--source-ports 40000", "no range of ports" },
	{ "port 0", T "--source-ports 0-40000", "no range of ports" },
	{ "port 65536", T "--source-ports 40000-65536", "no range of ports" },
	{ "no number", T "--source-ports a-b", "no range of ports" },
	{ "open to the right", T "--source-ports 40000-", "no range of ports" },
	{ "below 0", T "--source-ports -1-40000", "source-ports" },
	{ "far too large", T "--source-ports 99999999999999999999999-99999999999999999999999", "no range of ports" },
	{ "outside the sysctl's", T "--source-ports 1-65535", "is not inside" },
	{ "a bind there is not", T "--bind never", "bind" },
	{ "own ports backwards", T "--bind port --source-ports 41000-40000", "no range of ports" },
	{ "fewer ports than workers", T "--bind port --source-ports 40000-40002 -w 4", "not enough for --workers 4" },
	{ "own ports, a target twice", "-t 127.0.0.1:80,127.0.0.1:80 --bind port", "named twice" },
	{ "own ports, a source twice", T "--source 127.0.0.1,127.0.0.1 --bind port", "named twice" },
	{ "unknown spread", T "--spread most", "spread" },
	{ "unknown format", T "--format yaml", "format" },
};
/* clang-format on */

TEST_ROWS(what_is_wrong_is_a_usage_error, faults)
{
	struct client_plan plan;
	struct err err = { 0 };
	int r = plan_from(row->line, &plan, &err);

	ck_assert_msg(r < 0, "%s: taken", row->what);
	ck_assert_msg(err.exit == EXIT_USAGE, "%s: exit %d, %s", row->what, err.exit,
		      err.text);
	ck_assert_msg(strstr(err.text, row->says), "%s: %s", row->what, err.text);
	ck_assert_ptr_null(strchr(err.text, '\n'));
}

static struct client_plan made(const char *line)
{
	struct client_plan plan;
	struct err err = { 0 };

	ck_assert_msg(plan_from(line, &plan, &err) == 0, "%s: %s", line, err.text);
	return plan;
}

TEST(the_defaults)
{
	struct client_plan p = made("-t 127.0.0.1:9000-9007,127.0.0.2:80");

	ck_assert_uint_eq(p.targets.n, 9);
	ck_assert_uint_eq(p.sources.n, 0);
	ck_assert_double_eq(p.rate.from, 0);
	ck_assert(!p.limited && !p.early_bind && !p.late_bind && p.port_range == 0);
	ck_assert_uint_eq(p.o.concurrency, 64);
	ck_assert_uint_eq(p.o.duration_ns, 10 * NS_PER_S);
	ck_assert_uint_eq(p.o.requests, 1);
	ck_assert_uint_eq(p.workers, 1);
	ck_assert_int_eq(p.linger, LINGER_NONE);
	ck_assert_str_eq(p.mix.part[0].closing->name, "client-fin");
	client_plan_done(&p);
	client_plan_done(&p);
}

/* One request a connection, or a protocol that says where a response ends. */
static const char *const empty_responses[] = {
	T "--response-size 0",
	T "--response-size 0 --requests 0",
	T "--response-size 0 --pool 2 --max-requests 1",
	T "--proto http --path /?size=0 --requests 2",
	T "--proto http --path /?size=0 --pool 2",
};

TEST_ROWS(an_empty_response_ends_a_connection, empty_responses)
{
	struct client_plan p = made(*row);

	client_plan_done(&p);
}

static const struct {
	const char *line;
	bool early, late;
} binds[] = {
	{ "-t 127.0.0.1:9000", false, false },
	{ T "--bind auto", false, false },
	{ T "--bind early", true, false },
	{ T "--source 127.0.0.2", false, true },
	{ T "--source 127.0.0.2 --bind late", false, true },
	{ T "--source 127.0.0.2 --bind early", true, false },
	{ T "--source 127.0.0.2 --bind port", false, false },
};

TEST_ROWS(how_the_source_is_bound, binds)
{
	struct client_plan p = made(row->line);

	ck_assert_int_eq(p.early_bind, row->early);
	ck_assert_int_eq(p.late_bind, row->late);
	client_plan_done(&p);
}

static const struct {
	const char *line;
	enum linger_kind kind;
	int seconds;
} lingers[] = {
	{ T "--linger 2s", LINGER_CLOSE, 2 },
	{ T "--linger 2m", LINGER_CLOSE, 120 },
	{ T "--linger2 1s", LINGER_FIN_WAIT2, 1 },
	{ T "--linger2 1m", LINGER_FIN_WAIT2, 60 },
	{ T "--linger2=-1", LINGER_FIN_WAIT2, -1 },
	{ T "--linger2 -1", LINGER_FIN_WAIT2, -1 },
};

TEST_ROWS(how_it_lingers, lingers)
{
	struct client_plan p = made(row->line);

	ck_assert_int_eq(p.linger, row->kind);
	ck_assert_int_eq(p.linger_seconds, row->seconds);
	client_plan_done(&p);
}

TEST(a_range_of_ports_is_lo_and_hi)
{
	struct host_ports host;
	struct client_plan p = made(T "--source-ports all");
	char line[128];

	ck_assert_int_eq(host_ports("/proc", &host, NULL), 0);
	ck_assert_uint_eq(p.port_range, host.lo | (uint32_t)host.hi << 16);
	client_plan_done(&p);
	snprintf(line, sizeof(line), T "--source-ports %u-%u", host.lo + 1, host.hi - 1);
	p = made(line);
	ck_assert_uint_eq(p.port_range, (uint32_t)(host.lo + 1) | (uint32_t)(host.hi - 1)
									  << 16);
	client_plan_done(&p);
}

/* bind() takes any port, so the sysctl's range is no limit. */
TEST(ports_of_our_own_are_any_range)
{
	struct client_plan p = made(T "--bind port --source-ports 1-65535 --reuseaddr");

	ck_assert_uint_eq(p.port_range, 0);
	ck_assert(p.o.reuseaddr);
	ck_assert_uint_eq(p.own_ports.lo, 1);
	ck_assert_uint_eq(p.own_ports.hi, 65535);
	ck_assert_uint_eq(p.own_ports.at[0], 1);
	client_plan_done(&p);
}

TEST(reserved_ports_are_left_out)
{
	struct host_ports host = { .lo = 100, .hi = 200 };
	struct own_ports p;

	port_set_add(&host.reserved, 100);
	port_set_add(&host.reserved, 103);
	port_set_add(&host.reserved, 201);
	ck_assert_int_eq(own_ports_make(&p, &host, 100, 200, NULL), 0);
	ck_assert_uint_eq(p.n, 99);
	ck_assert_uint_eq(p.at[0], 101);
	ck_assert_uint_eq(p.at[2], 104);
	ck_assert_uint_eq(p.at[98], 200);
	own_ports_done(&p);
	own_ports_done(&p);
}

/* Ranks together are what one machine would have been asked for. */
TEST_TIMES(ranks_share_exactly, 5)
{
	unsigned ranks = (unsigned)_i + 1, sources[6] = { 0 };
	uint64_t connections = 0;
	double rate = 0;
	size_t n = 0;

	for (unsigned r = 0; r < ranks; r++) {
		struct client_plan p;
		char line[256];

		snprintf(line, sizeof(line),
			 T "-n 1003 -r 500/s --source 127.0.0.1,127.0.0.2,127.0.0.3,"
			   "127.0.0.4,127.0.0.5 --rank %u --ranks %u",
			 r, ranks);
		p = made(line);
		ck_assert(p.limited);
		connections += p.arrivals_limit;
		rate += p.rate.from;
		n += p.sources.n;
		for (size_t i = 0; i < p.sources.n; i++)
			sources[ntohl(p.sources.at[i].in.sin_addr.s_addr) & 0xff]++;
		client_plan_done(&p);
	}
	ck_assert_uint_eq(connections, 1003);
	ck_assert_double_eq_tol(rate, 500, 1e-9);
	ck_assert_uint_eq(n, 5);
	for (int i = 1; i <= 5; i++)
		ck_assert_uint_eq(sources[i], 1);
}

/* The same for any number of ranks, and of what a run is asked for: its arrivals, its due moments,
 * its sources and its seeds. */
TEST(shares_of_any_number_of_ranks_are_the_whole)
{
	struct rng rng;

	rng_seed(&rng, 8);
	for (int i = 0; i < 30; i++) {
		unsigned ranks = (unsigned)rng_below(&rng, 30) + 1;
		unsigned wanted = (unsigned)rng_below(&rng, 100000) + 1;
		unsigned rate = (unsigned)rng_below(&rng, 5000) + ranks;
		unsigned seed = (unsigned)rng_below(&rng, 1000);
		uint64_t connections = 0, due = 0, whole;
		double rates = 0;
		size_t sources = 0;
		struct client_plan p;
		struct load load;
		char line[256];

		for (unsigned r = 0; r < ranks; r++) {
			snprintf(line, sizeof(line),
				 T "-n %u -r %u/s -d 2s --seed %u --source 127.1.0.0/26 "
				   "--rank %u --ranks %u",
				 wanted, rate, seed, r, ranks);
			p = made(line);
			load = client_plan_load(&p);
			load.limited = false;
			due += load_due(&load, p.o.duration_ns - 1);
			connections += p.arrivals_limit;
			rates += p.rate.from;
			sources += p.sources.n;
			ck_assert_uint_eq(p.seed, seed + r);
			client_plan_done(&p);
		}
		snprintf(line, sizeof(line), T "-r %u/s -d 2s --source 127.1.0.0/26",
			 rate);
		p = made(line);
		load = client_plan_load(&p);
		whole = load_due(&load, p.o.duration_ns - 1);
		ck_assert_uint_eq(connections, wanted);
		ck_assert_double_eq_tol(rates, rate, rate * 1e-12);
		ck_assert_msg(due == whole, "%u ranks, %u/s: %llu due, %llu for one",
			      ranks, rate, (unsigned long long)due,
			      (unsigned long long)whole);
		ck_assert_uint_eq(sources, p.sources.n);
		client_plan_done(&p);
	}
}

TEST(fewer_sources_than_ranks_are_everybodys)
{
	struct client_plan p = made(T "--source 127.0.0.1,127.0.0.2 --rank 2 --ranks 3");

	ck_assert_uint_eq(p.sources.n, 2);
	client_plan_done(&p);
}

TEST(more_ranks_than_connections_leaves_some_none)
{
	struct client_plan p = made(T "-n 2 --rank 2 --ranks 3");

	ck_assert(p.limited);
	ck_assert_uint_eq(p.arrivals_limit, 0);
	client_plan_done(&p);
}

TEST(too_few_descriptors_is_said_before)
{
	struct client_plan plan;
	struct err err = { 0 };

	ck_assert_int_lt(plan_from(T "-c 1000000", &plan, &err), 0);
	ck_assert_int_eq(err.exit, EXIT_NO_SUPPORT);
	ck_assert_msg(strstr(err.text, "1000000") && strstr(err.text, "ulimit -n"), "%s",
		      err.text);
}

TEST(help_needs_no_target)
{
	char name[] = "client", help[] = "--help";
	char *argv[] = { name, help, NULL };
	struct client_options o = { 0 };
	struct opt_result parsed;
	struct err err;

	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
	ck_assert_int_eq(opt_parse(&client_command, 2, argv, &o, &parsed, &err), 0);
	ck_assert(parsed.help_shown);
	opt_done(&client_command, &o);
}

CHECK_MAIN("plan")
