/* What a command line does to the ports of another host: told without a look at this one. */
#include "client/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "common/ports/ports.h"
#include "tests/check_main.h"

#define WORDS 16

/* The facts of "-t ...", split at blanks. */
static int facts_from(const char *line, struct ports_facts *f)
{
	static char copy[256];
	char name[] = "client", *rest = copy, *argv[WORDS] = { name }, *word;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")))
		argv[argc++] = word;
	*f = (struct ports_facts){ .lo = 40000, .hi = 40999, .fin_timeout_s = 60 };
	return client_facts(argc, argv, f);
}

#define T "-t 198.18.0.11:9000 "

/* clang-format off */
static const struct {
	const char *what, *line;
	uint64_t targets, sources;
	double rate, time_wait, fin_timeout_s;
} told[] = {
	{ "an open loop", T "-r 500/s", 1, 1, 500, 1, 60 },
	{ "abbreviated", T "--rat=500/s --clo client-rst", 1, 1, 500, 0, 60 },
	{ "sources that are not here", T "--source 198.18.0.77,198.18.0.78", 1, 2, 0, 1, 60 },
	{ "a source twice", T "--source 198.18.0.77,198.18.0.77", 1, 1, 0, 1, 60 },
	{ "ports in a row", "-t 198.18.0.11:9000-9003", 4, 1, 0, 1, 60 },
	{ "IPv6", "-t [fd00::ab]:9000", 1, 1, 0, 1, 60 },
	{ "a shorter FIN_WAIT2", T "--linger2 5s", 1, 1, 0, 1, 5 },
	{ "a rank's share", T "-r 500/s --ranks 2", 1, 1, 250, 1, 60 },
};
/* clang-format on */

START_TEST(a_command_line_tells)
{
	struct ports_facts f;

	ck_assert_msg(facts_from(told[_i].line, &f) == 0, "%s", told[_i].what);
	ck_assert_msg(f.targets == told[_i].targets && f.sources == told[_i].sources,
		      "%s: %u targets, %u sources", told[_i].what, (unsigned)f.targets,
		      (unsigned)f.sources);
	ck_assert_msg(f.load.rate.from == told[_i].rate &&
			      f.load.rate.to == told[_i].rate,
		      "%s: %g/s", told[_i].what, f.load.rate.from);
	ck_assert_msg(closing_mix_share(&f.load.pick.mix, PORT_TIME_WAIT) ==
			      told[_i].time_wait,
		      "%s", told[_i].what);
	ck_assert_msg(f.fin_timeout_s == told[_i].fin_timeout_s, "%s", told[_i].what);
	ck_assert_msg(f.lo == 40000 && f.hi == 40999, "%s: %u-%u", told[_i].what, f.lo,
		      f.hi);
	ports_facts_done(&f);
}
END_TEST

static const struct {
	const char *what, *line;
	int r;
} untold[] = {
	{ "a name may mean another address there", "-t localhost:9000", -ENOTSUP },
	{ "a name among numbers", T "-t 198.18.0.11:9000,be.example:9000", -ENOTSUP },
	{ "the range there is not known", T "--source-ports all", -ENOTSUP },
	{ "nor are the reserved ports", T "--bind port", -ENOTSUP },
	{ "no command line of a client", T "--no-such-option", -EINVAL },
	{ "an address that is nobody's to load", "-t 192.0.2.1:80", -EINVAL },
};

START_TEST(what_cannot_be_told)
{
	struct ports_facts f;
	int r = facts_from(untold[_i].line, &f);

	ck_assert_msg(r == untold[_i].r, "%s: %d", untold[_i].what, r);
}
END_TEST

int main(void)
{
	const struct check_test tests[] = {
		{ a_command_line_tells, ROWS(told) },
		{ what_cannot_be_told, ROWS(untold) },
		{ 0 },
	};

	return check_main("run_facts", tests);
}
