/* From a command line to the server's plan, or one sentence why not. */
#include "server/options.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include "common/base/clock.h"
#include "tests/check_main.h"

#define WORDS 16

static int plan_from(const char *line, struct server_plan *plan, struct err *err)
{
	static char copy[512];
	char name[] = "server", *rest = copy, *argv[WORDS] = { name }, *word;
	struct server_options o = { 0 };
	struct opt_result parsed;
	int argc = 1, r;

	snprintf(copy, sizeof(copy), "%s", line);
	while (*line && (word = strsep(&rest, " ")))
		argv[argc++] = word;
	r = opt_parse(&server_command, argc, argv, &o, &parsed, err);
	if (r == 0)
		r = server_plan_make(&o, plan, err);
	opt_done(&server_command, &o);
	return r;
}

/* clang-format off */
static const struct {
	const char *what, *line, *says;
} faults[] = {
	{ "unknown option", "--what", "what" },
	{ "a word", "word", "word" },
	{ "no port", "-l 127.0.0.1", "--listen" },
	{ "port 65536", "-l 127.0.0.1:65536", "--listen" },
	{ "nothing", "-l ,", "--listen" },
	{ "no worker", "-w 0", "--workers" },
	{ "too many workers", "-w 1025", "--workers" },
	{ "no backlog", "--backlog 0", "--backlog" },
	{ "backlog too long", "--backlog 65536", "--backlog" },
	{ "request cap too high", "--max-request 4G", "end at 4G - 1" },
	{ "response cap too high", "--max-response 4G", "end at 4G - 1" },
	{ "hold cap too high", "--max-hold 5h", "--max-hold ends at" },
	{ "interval too short", "--interval 99ms", "at least 100ms" },
	{ "token without admin", "--admin-token-file x", "needs --admin" },
	{ "fewer connections than workers", "-w 4 --max-connections 3", "at least --workers" },
	{ "several on one port", "-w 2 --no-reuseaddr", "--workers 1" },
	{ "no unit", "--idle-timeout 5", "--idle-timeout" },
	{ "a duration below 0", "--duration -5s", "duration" },
};
/* clang-format on */

TEST_ROWS(what_is_wrong_is_a_usage_error, faults)
{
	struct server_plan plan;
	struct err err = { 0 };

	ck_assert_msg(plan_from(row->line, &plan, &err) < 0, "%s: taken", row->what);
	ck_assert_msg(err.exit == EXIT_USAGE, "%s: exit %d, %s", row->what, err.exit,
		      err.text);
	ck_assert_msg(strstr(err.text, row->says), "%s: %s", row->what, err.text);
}

TEST(the_defaults)
{
	struct server_plan p;
	struct err err = { 0 };

	ck_assert_int_eq(plan_from("", &p, &err), 0);
	ck_assert_uint_eq(p.listens.n, 1);
	ck_assert_uint_eq(addr_port(&p.listens.at[0]), 9000);
	ck_assert(addr_is_loopback(&p.listens.at[0]));
	ck_assert_uint_eq(p.workers, 1);
	ck_assert_uint_eq(p.idle_timeout_ns, 60 * NS_PER_S);
	ck_assert_uint_eq(p.max_connections, 0);
	ck_assert_uint_eq(p.max_hold_ms, 3600000);
	ck_assert_uint_eq(p.max_request, 64 << 20);
	addr_list_done(&p.listens);
}

TEST(what_is_asked_for)
{
	struct server_plan p;
	struct err err = { 0 };

	ck_assert_msg(plan_from("-l 127.0.0.1:0,[::1]:9000-9003 -w 2 --backlog 7 "
				"--max-connections 100 --idle-timeout 0 --max-hold 0 "
				"--max-request 0",
				&p, &err) == 0,
		      "%s", err.text);
	ck_assert_uint_eq(p.listens.n, 5);
	ck_assert_uint_eq(p.workers, 2);
	ck_assert_int_eq(p.backlog, 7);
	ck_assert_uint_eq(p.max_connections, 100);
	ck_assert_uint_eq(p.idle_timeout_ns, 0);
	ck_assert_uint_eq(p.max_hold_ms, 0);
	ck_assert_uint_eq(p.max_request, 0);
	addr_list_done(&p.listens);
}

TEST(too_few_descriptors_is_said_before)
{
	const struct rlimit few = { 64, 64 };
	struct server_plan p;
	struct err err = { 0 };

	if (setrlimit(RLIMIT_NOFILE, &few) == -1)
		return; /* valgrind keeps descriptors of its own up there */
	ck_assert_int_lt(plan_from("-l 127.0.0.1:9000-9099", &p, &err), 0);
	ck_assert_int_eq(err.exit, EXIT_NO_SUPPORT);
	ck_assert_msg(strstr(err.text, "ulimit -n"), "%s", err.text);
}

CHECK_MAIN("server options")
