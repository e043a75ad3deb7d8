/* cmd_shell - `twstorm lab shell`: a scenario's hosts as they are before anything runs, with a
 * shell in one of them, for trying by hand. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "bench/lab/commands.h"
#include "bench/lab/narrate.h"
#include "bench/scenario/plan.h"
#include "bench/scenario/variants.h"
#include "bench/stage/stage.h"
#include "bench/text/text.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"

struct options {
	const char *variant;
	bool quiet;
};

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt rows[] = {
	{ "variant", 0,  TEXT(variant), NULL, "NAME", "with this variant's sysctls and addresses", &lab_one_variant },
	{ "quiet", 'q', FLAG(quiet), NULL, NULL, "say nothing before", NULL },
	{ 0 },
};
/* clang-format on */

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

static int open_shell(const struct plan *p, const struct options *o, char **words, int n,
		      struct err *err)
{
	struct hosts_shell shell = { .argv = n > 2 ? words + 2 : NULL };
	struct stage stage;
	int r, status;

	shell.host = choose_host(p, n > 1 ? words[1] : NULL, err);
	r = shell.host ? signals_catch(err) : err->code;
	if (r < 0)
		return r;
	if (!o->quiet && !shell.argv)
		explain(p, shell.host);
	r = stage_run(p, &shell, &stage, err);
	status = r == 0 ? stage.report->shell_status : 0;
	/* Without a command, it was told to end by another signal than the shell's own. */
	if (stage.caught && (r < 0 || !shell.argv))
		r = 128 + stage.caught;
	else if (r == 0)
		r = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	stage_done(&stage);
	return r;
}

static int open_variant(const struct scenario *sc, const struct options *o, char **words,
			int n, struct err *err)
{
	struct plan plan;
	int r;

	if (o->variant && !variants_overrides(sc, o->variant))
		return err_usage(err, "%s has no variant '%s'", sc->path, o->variant);
	r = plan_build(sc, o->variant ? o->variant : sc->variants[0], false, &plan, err);
	if (r < 0)
		return r;
	r = open_shell(&plan, o, words, n, err);
	plan_done(&plan);
	return r;
}

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	struct scenario sc;
	int r;

	if (!parsed->n_words)
		return err_usage(err,
				 "lab shell needs a scenario: see `twstorm lab list`");
	r = lab_load(parsed->words[0], &sc, err);
	if (r < 0)
		return r;
	r = open_variant(&sc, options, parsed->words, parsed->n_words, err);
	scenario_done(&sc);
	return r;
}

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
	.words = &lab_scenario_host,
};

int lab_shell_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&command, run, argc, argv, &o);
}
