/* cmd_states - `twstorm lab states`: two hosts, one of them with so many sockets in each TCP
 * state.  The scenario is the one a user could write, with what the options say in it. */
#include <stdlib.h>
#include <string.h>
#include "bench/hold/hold.h"
#include "bench/hold/mix.h"
#include "bench/lab/commands.h"
#include "bench/lab/series.h"
#include "bench/text/text.h"
#include "common/base/clock.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"

struct options {
	const char *mix, *hold, *output;
	bool quiet;
};

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	{ "mix", 0, TEXT(mix), NULL, "STATE=N[,...]", "how many of which (10 of each of the eleven)", &hold_mix_values },
	{ "hold", 0, TEXT(hold), "10s", "T", "for how long; 0 = until ^C", NULL },
	{ "output", 'o', TEXT(output), NULL, "DIR", "where the result goes (out/states)", NULL },
	{ "quiet", 'q', FLAG(quiet), NULL, NULL, "no progress, only the result", NULL },
	{ 0 },
};
/* clang-format on */

static char *scenario_text(const struct options *o)
{
	return text_printf("[scenario]\n"
			   "about = sockets in each TCP state on one host, all at once\n"
			   "seconds = none\n" /* the probe's time is the hold's */
			   "[host server]\nsysctl.net.ipv4.tcp_rfc1337 = 1\n"
			   "[host client]\nsysctl.net.ipv4.tcp_rfc1337 = 1\n"
			   "[probe states]\nhost = server\n"
			   "args = states --peer-netns {tmp}/netns/client --hold %s\n"
			   "  %s%s\n"
			   "[expect]\n"
			   "exactly so many, all the time = states.exact == true\n",
			   o->hold, o->mix ? "--mix " : "", o->mix ? o->mix : "");
}

/* What is wrong with the mix is wrong with the option, not with a file nobody sees. */
static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;
	struct tcp_states mix;
	uint64_t hold_ns;
	int r;

	(void)parsed;
	if (o->mix && strpbrk(o->mix, " \t\n{}'\""))
		return err_usage(err, "--mix: expected STATE=N[,...], not '%s'", o->mix);
	r = units_parse_duration(o->hold, &hold_ns, err);
	if (r < 0)
		return err_prefix(r, err, "--hold");
	r = hold_mix_parse(o->mix, &mix, err);
	if (r == 0 && hold_ns > HOLD_MAX_S * NS_PER_S)
		r = err_usage(err, "--hold: expected at most %dh", HOLD_MAX_S / 3600);
	return r;
}

static const struct opt_command command = {
	.name = "lab",
	.usage = "states [options]",
	.about = "Holds sockets in each TCP state, all at once, on a host of the lab.",
	.examples =
		"  twstorm lab states\n"
		"  twstorm lab states --mix TIME_WAIT=1000,CLOSE_WAIT=50 --hold 30s\n",
	.rows = rows,
	.check = check,
};

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;
	struct series_order order = { .out = stdout,
				      .dir = o->output ? o->output : "out/states",
				      .quiet = o->quiet };
	char *text = scenario_text(o);
	struct scenario sc;
	int r = scenario_read(text, strlen(text), "states", &sc, err);

	(void)parsed;
	free(text);
	if (r < 0)
		return r;
	r = series_run(&sc, &order);
	scenario_done(&sc);
	return r;
}

int lab_states_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&command, run, argc, argv, &o);
}
