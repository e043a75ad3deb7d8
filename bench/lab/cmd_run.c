/* cmd_run - `twstorm lab run` and `lab list`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lab/commands.h"
#include "bench/lab/series.h"
#include "bench/scenario/catalog.h"
#include "bench/scenario/plan.h"
#include "bench/text/text.h"
#include "common/admin/admin.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/cli/opt_rows.h"
#include "common/kernel/admin_addr.h"

struct options {
	const char *output, *admin, *admin_token_file;
	struct opt_texts variant;
	uint64_t repeat;
	int format;
	bool all, dry_run, keep_going, quiet, verbose;
};

enum format { FORMAT_TEXT, FORMAT_NONE };
static const char *const format_names[] = { "text", "none", NULL };

#define OPT_FIELDS struct options

/* clang-format off */
static const struct opt run_options[] = {
	{ "output",     'o', TEXT(output),     NULL, "DIR",  "where results go (out/SCENARIO)", NULL },
	{ "variant",     0,  TEXTS(variant),   NULL, "NAME", "only these: NAME[,NAME...]; repeatable", &lab_variants },
	{ "repeat",      0,  COUNT(repeat),    NULL, "N",    "each variant that often (as the file says)", NULL },
	{ "all",         0,  FLAG(all),        NULL, NULL,   "all that `lab list` has, except for those set apart", NULL },
	{ "keep-going", 'k', FLAG(keep_going), NULL, NULL,   "go on after a failure", NULL },
	{ "dry-run",    'n', FLAG(dry_run),    NULL, NULL,   "only print the plan", NULL },
	{ "admin",       0,  TEXT(admin),      NULL, ADMIN_ADDR_FORM, "HTTP: the report as it grows, /metrics, /result.json", NULL },
	{ "admin-token-file", 0, TEXT(admin_token_file), NULL, "FILE", "the token that --admin asks for; required off loopback", NULL },
	{ "quiet",      'q', FLAG(quiet),      NULL, NULL,   "no plan, no progress, only results", NULL },
	{ "verbose",    'v', FLAG(verbose),    NULL, NULL,   "tell each run in full, not only the table", NULL },
	{ "format",     0,   CHOICE(format),   "text", NULL, "what to print on stdout", format_names },
	{ 0 },
};
static const struct opt list_options[] = { { 0 } };
/* clang-format on */

static int run_list(void *options, const struct opt_result *parsed, struct err *err)
{
	(void)options;
	(void)parsed;
	return catalog_print(stdout, err);
}

/* -o names the directory itself; several scenarios have one each below it. */
static char *output_dir(const struct options *o, const struct scenario *sc, bool several)
{
	if (!o->output)
		return text_printf("out/%s", sc->name);
	return several ? text_printf("%s/%s", o->output, sc->name) : text_dup(o->output);
}

/* A scenario that was named, read and found good. */
struct job {
	struct scenario sc;
	struct series_order order;
	char *dir; /* owned */
};

static int prepare(const struct options *o, const char *word, bool several,
		   struct job *out, struct err *err)
{
	int r = lab_load(word, &out->sc, err);

	if (r < 0)
		return r;
	out->dir = output_dir(o, &out->sc, several);
	out->order = (struct series_order){ .word = word,
					    .dir = out->dir,
					    .admin = o->admin,
					    .admin_token_file = o->admin_token_file,
					    .variants = o->variant,
					    .repeat = (unsigned)o->repeat,
					    .dry_run = o->dry_run,
					    .keep_going = o->keep_going,
					    .quiet = o->quiet,
					    .verbose = o->verbose };
	return series_check(&out->sc, &out->order, err);
}

/* All of them before the first runs: a mistake in the last is not found hours later. */
static int prepare_all(const struct options *o, char *const *words, size_t n,
		       struct job *jobs, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		int r = prepare(o, words[i], n > 1, &jobs[i], err);

		if (r < 0)
			return r;
		for (size_t j = 0; j < i; j++)
			if (strcmp(jobs[i].dir, jobs[j].dir) == 0)
				return err_usage(err, "%s and %s would both write to %s",
						 words[j], words[i], jobs[i].dir);
	}
	return 0;
}

static int run_jobs(const struct options *o, struct job *jobs, size_t n, FILE *out)
{
	int code = EXIT_COMPLETE;

	for (size_t i = 0; i < n; i++) {
		int one;

		jobs[i].order.out = out;
		one = series_run(&jobs[i].sc, &jobs[i].order);

		if (signals_got)
			return one;
		code = code ? code : one;
		if (code && !o->keep_going)
			break;
	}
	return code;
}

static int run_unheard(const struct options *o, struct job *jobs, size_t n,
		       struct err *err)
{
	FILE *nowhere = fopen("/dev/null", "w");
	int r;

	if (!nowhere)
		return err_sys(err, "/dev/null");
	r = run_jobs(o, jobs, n, nowhere);
	fclose(nowhere);
	return r;
}

static int run_words(const struct options *o, char *const *words, size_t n,
		     struct err *err)
{
	struct job *jobs = text_checked(calloc(n + 1, sizeof(*jobs)));
	int r = prepare_all(o, words, n, jobs, err);

	if (r == 0)
		r = o->format == FORMAT_NONE ? run_unheard(o, jobs, n, err)
					     : run_jobs(o, jobs, n, stdout);
	for (size_t i = 0; i < n; i++) {
		scenario_done(&jobs[i].sc);
		free(jobs[i].dir);
	}
	free(jobs);
	return r;
}

static int run_catalog(const struct options *o, struct err *err)
{
	struct words names = { 0 };
	int r = catalog_names(&names, err);

	if (r < 0)
		return r;
	r = run_words(o, names.at, names.n, err);
	words_done(&names);
	return r;
}

static int run_run(void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;

	return o->all ? run_catalog(o, err)
		      : run_words(o, parsed->words, (size_t)parsed->n_words, err);
}

static int check(const void *options, const struct opt_result *parsed, struct err *err)
{
	const struct options *o = options;

	if (!parsed->n_words && !o->all)
		return err_usage(err, "lab run needs a scenario: see `twstorm lab list`");
	if (parsed->n_words && o->all)
		return err_usage(
			err, "--all means every scenario: '%s' cannot be named as well",
			parsed->words[0]);
	if (o->output && !*o->output)
		return err_usage(err, "--output: expected a directory, not nothing");
	if (o->repeat > PLAN_REPEAT_MAX)
		return err_usage(err, "--repeat: expected at most %d", PLAN_REPEAT_MAX);
	return admin_check(o->admin, o->admin_token_file, err);
}

static const struct opt_command run_command = {
	.name = "lab",
	.usage = "run SCENARIO... [options]",
	.about = "Runs experiments in private network namespaces; no root needed.",
	.examples = "  twstorm lab run storm\n"
		    "  twstorm lab run storm --dry-run\n"
		    "  twstorm lab run remedies --variant tw-reuse-1\n"
		    "  twstorm lab run ./mine.ini -o results\n",
	.rows = run_options,
	.positional = true,
	.words = &lab_scenarios,
	.check = check,
};

static const struct opt_command list_command = {
	.name = "lab",
	.usage = "list",
	.about = "Lists the scenarios that `twstorm lab run` knows by name.",
	.examples = "  twstorm lab list\n",
	.rows = list_options,
};

int lab_list_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&list_command, run_list, argc, argv, &o);
}

int lab_run_main(int argc, char **argv)
{
	struct options o = { 0 };

	return command_main(&run_command, run_run, argc, argv, &o);
}
