/* cmd_shell - `twstorm lab shell`: a scenario's hosts as they are before anything runs, with a
 * shell in one of them, for trying by hand. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/lab/commands.h"
#include "bench/lab/narrate.h"
#include "bench/scenario/plan.h"
#include "bench/stage/stage.h"
#include "bench/text/text.h"
#include "common/cli/opt.h"
#include "common/base/signals.h"

struct options {
	const char *variant;
	bool quiet;
};

/* clang-format off */
static const struct opt rows[] = {
	{ "variant", 0,  &opt_text, OPT_AT(const char *, struct options, variant), NULL, "NAME", "with this variant's sysctls and addresses", NULL },
	{ "quiet", 'q', &opt_flag, OPT_AT(bool, struct options, quiet), NULL, NULL, "say nothing before", NULL },
	{ 0 },
};
/* clang-format on */

static const struct opt_command command = {
	.name = "lab",
	.usage = "shell SCENARIO [HOST [-- COMMAND...]] [options]",
	.about = "Sets a scenario's hosts up and opens a shell in one (the first "
		 "client's).",
	.examples = "  twstorm lab shell storm\n"
		    "  twstorm lab shell storm server\n"
		    "  twstorm lab shell storm client -- ip -br address\n",
	.rows = rows,
	.positional = true,
};

static const struct plan_host *choose_host(const struct plan *p, const char *name,
					   struct err *err)
{
	const struct plan_host *h = name ? plan_host(p, name) : plan_main(p)->host;

	if (!h)
		err_usage(err, "%s has no host '%s'", p->scenario->path, name);
	return h;
}

static void explain(const struct plan *p, const struct plan_host *host)
{
	narrate_before(stderr, p, false);
	fprintf(stderr,
		"This shell is in %s; the commands above were not started, they are for "
		"you.\n"
		"In another host: nsenter --net=" PLAN_NETNS
		"/HOST COMMAND (in bash: on HOST "
		"COMMAND).\nAll of it is gone when the shell ends.\n\n",
		host->name);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int open_shell(const struct plan *p, const struct options *o, char **words, int n)
{
	struct hosts_shell shell = { .argv = n > 2 ? words + 2 : NULL };
	struct stage stage;
	struct err err;
	int code;

	shell.host = choose_host(p, n > 1 ? words[1] : NULL, &err);
	if (!shell.host || signals_catch(&err) < 0)
		return lab_failed(&err);
	if (!o->quiet && !shell.argv)
		explain(p, shell.host);
	if (stage_shell(p, &shell, &stage, &err) < 0)
		code = stage.caught ? 128 + stage.caught : lab_failed(&err);
	else if (stage.caught && !shell.argv)
		code = 128 + stage.caught; /* it was told by another signal */
	else
		code = exit_code(stage.report->shell_status);
	stage_done(&stage);
	return code;
}

static int run_words(const struct options *o, char **words, int n)
{
	struct scenario sc;
	struct plan plan;
	struct err err;
	int code;

	if (!n) {
		err_usage(&err, "lab shell needs a scenario: see `twstorm lab list`");
		return lab_failed(&err);
	}
	if (lab_load(words[0], &sc, &err) < 0)
		return lab_failed(&err);
	if (o->variant && !scenario_has_variant(&sc, o->variant)) {
		err_usage(&err, "%s has no variant '%s'", sc.path, o->variant);
		code = lab_failed(&err);
	} else if (plan_build(&sc, o->variant ? o->variant : sc.variants[0], false, &plan,
			      &err) < 0) {
		code = lab_failed(&err);
	} else {
		code = open_shell(&plan, o, words, n);
		plan_done(&plan);
	}
	scenario_done(&sc);
	return code;
}

int lab_shell_main(int argc, char **argv)
{
	struct opt_result parsed;
	struct options o = { 0 };
	struct err err;
	int code;

	if (opt_parse(&command, argc, argv, &o, &parsed, &err) < 0)
		return lab_failed(&err);
	if (parsed.help_shown)
		return EXIT_COMPLETE;
	code = run_words(&o, parsed.words, parsed.n_words);
	opt_done(&command, &o);
	return code;
}
