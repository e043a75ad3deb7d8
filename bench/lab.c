#include "bench/lab.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "bench/catalog.h"
#include "bench/lab_run.h"
#include "bench/plan.h"
#include "bench/probe.h"
#include "bench/scenario.h"
#include "bench/story.h"
#include "common/opt.h"
#include "common/output.h"

struct options {
	const char *output;
	const char *variant;
	bool dry_run, keep_going, quiet;
};

#define TEXT(f) &opt_text, OPT_AT(const char *, struct options, f)
#define FLAG(f) &opt_flag, OPT_AT(bool, struct options, f)

/* clang-format off */
static const struct opt run_options[] = {
	{ "output",     'o', TEXT(output),     NULL, "DIR",  "where results go (out/SCENARIO)", NULL },
	{ "variant",     0,  TEXT(variant),    NULL, "NAME", "only this variant", NULL },
	{ "keep-going", 'k', FLAG(keep_going), NULL, NULL,   "go on after a failure", NULL },
	{ "dry-run",    'n', FLAG(dry_run),    NULL, NULL,   "only print the plan", NULL },
	{ "quiet",      'q', FLAG(quiet),      NULL, NULL,   "no progress, only results", NULL },
	{ 0 },
};
static const struct opt list_options[] = { { 0 } };
/* clang-format on */

static const struct opt_command run_command = {
	.name = "lab",
	.usage = "run SCENARIO... [options]",
	.about = "Runs experiments in private network namespaces; no root needed.",
	.examples = "  twstorm lab run storm\n"
		    "  twstorm lab run storm --dry-run\n"
		    "  twstorm lab run ./mine.ini -o results\n",
	.rows = run_options,
	.positional = true,
};

static const struct opt_command list_command = {
	.name = "lab",
	.usage = "list",
	.about = "Lists the scenarios that `twstorm lab run` knows by name.",
	.examples = "  twstorm lab list\n",
	.rows = list_options,
};

static int failed(const struct err *err)
{
	fprintf(stderr, "twstorm lab: %s\n", err->text);
	return err->exit;
}

/* ---- lab list */

static int list_main(int argc, char **argv)
{
	struct opt_result parsed;
	struct options o = { 0 };
	struct err err;

	if (opt_parse(&list_command, argc, argv, &o, &parsed, &err) < 0)
		return failed(&err);
	if (parsed.help_shown)
		return EXIT_COMPLETE;
	if (catalog_print(stdout, &err) < 0 || output_flush_stdout(&err) < 0)
		return failed(&err);
	return EXIT_COMPLETE;
}

/* ---- lab run */

/* Every directory of the path that is not there yet. */
static int make_dirs(const char *path, struct err *err)
{
	char *copy = text_dup(path);
	int r = 0;

	for (char *c = copy + 1; r == 0; c++) {
		char was = *c;

		if (was && was != '/')
			continue;
		*c = '\0';
		if (mkdir(copy, 0777) == -1 && errno != EEXIST)
			r = err_write(err, "make the directory %s", copy);
		*c = was;
		if (!was)
			break;
	}
	free(copy);
	return r;
}

/* -o names the directory itself; several scenarios have one each below it. */
static char *output_dir(const struct options *o, const struct scenario *sc, bool several)
{
	if (!o->output)
		return text_printf("out/%s", sc->name);
	return several ? text_printf("%s/%s", o->output, sc->name) : text_dup(o->output);
}

static int run_variant(const struct options *o, const struct scenario *sc,
		       const char *variant, const char *dir)
{
	struct plan plan;
	struct err err;
	char *file;
	int code = EXIT_COMPLETE;

	if (plan_build(sc, variant, o->quiet, &plan, &err) < 0)
		return failed(&err);
	file = text_printf("%s/%s.json", dir, variant);
	if (o->dry_run)
		story_before(stdout, &plan);
	else if (make_dirs(dir, &err) < 0 || output_check(file, &err) < 0)
		code = failed(&err);
	else
		code = lab_run(&plan, dir);
	free(file);
	plan_done(&plan);
	return code;
}

static bool interrupted(int code)
{
	return code >= 128;
}

static int run_scenario(const struct options *o, const struct scenario *sc,
			const char *dir)
{
	int code = EXIT_COMPLETE;

	for (size_t i = 0; i < sc->n_variants; i++) {
		int one;

		if (o->variant && strcmp(o->variant, sc->variants[i]) != 0)
			continue;
		one = run_variant(o, sc, sc->variants[i], dir);
		if (interrupted(one))
			return one;
		code = code ? code : one;
		if (code && !o->keep_going)
			break;
	}
	return code;
}

static bool has_variant(const struct scenario *sc, const char *name)
{
	for (size_t i = 0; i < sc->n_variants; i++)
		if (strcmp(sc->variants[i], name) == 0)
			return true;
	return false;
}

/* A mistake anywhere in the file is told before anything of it runs. */
static int check_scenario(const struct options *o, const struct scenario *sc,
			  struct err *err)
{
	if (o->variant && !has_variant(sc, o->variant))
		return err_usage(err, "%s has no variant '%s'", sc->path, o->variant);
	for (size_t i = 0; i < sc->n_variants; i++) {
		struct plan plan;
		int r = plan_build(sc, sc->variants[i], o->quiet, &plan, err);

		if (r < 0)
			return r;
		plan_done(&plan);
	}
	return 0;
}

static int run_named(const struct options *o, const char *word, bool several)
{
	struct scenario sc;
	struct err err;
	char *path, *dir;
	int code;

	if (catalog_find(word, &path, &err) < 0)
		return failed(&err);
	if (scenario_load(path, &sc, &err) < 0) {
		free(path);
		return failed(&err);
	}
	free(path);
	dir = output_dir(o, &sc, several);
	code = check_scenario(o, &sc, &err) < 0 ? failed(&err)
						: run_scenario(o, &sc, dir);
	free(dir);
	scenario_done(&sc);
	return code;
}

static int run_all(const struct options *o, char **words, int n)
{
	int code = EXIT_COMPLETE;

	for (int i = 0; i < n; i++) {
		int one = run_named(o, words[i], n > 1);

		if (interrupted(one))
			return one;
		code = code ? code : one;
		if (code && !o->keep_going)
			break;
	}
	return code;
}

static int run_main(int argc, char **argv)
{
	struct opt_result parsed;
	struct options o = { 0 };
	struct err err;
	int code;

	if (opt_parse(&run_command, argc, argv, &o, &parsed, &err) < 0)
		return failed(&err);
	if (parsed.help_shown)
		return EXIT_COMPLETE;
	if (!parsed.n_words) {
		err_usage(&err, "lab run needs a scenario: see `twstorm lab list`");
		return failed(&err);
	}
	code = run_all(&o, parsed.words, parsed.n_words);
	opt_done(&run_command, &o);
	if (output_flush_stdout(&err) < 0 && !code)
		code = failed(&err);
	return code;
}

/* ---- lab */

static const struct sub {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *help;
} subs[] = {
	{ "list", list_main, "the scenarios that come with twstorm" },
	{ "run", run_main, "run scenarios, by name or file: lab run storm" },
	{ "probe", probe_main,
	  "one experiment, in this network namespace: lab probe NAME" },
};
#define SUBS (sizeof(subs) / sizeof(subs[0]))

static int help(void)
{
	printf("Usage: twstorm lab COMMAND [options]\n"
	       "Experiments in private network namespaces: nothing on this machine "
	       "changes, and\n"
	       "no root is needed.\n\n");
	for (size_t i = 0; i < SUBS; i++)
		printf("  %-8s%s\n", subs[i].name, subs[i].help);
	printf("\nExamples:\n  twstorm lab list\n  twstorm lab run storm\n"
	       "\n`twstorm lab COMMAND --help` lists a command's options.\n");
	return EXIT_COMPLETE;
}

int lab_main(int argc, char **argv)
{
	struct err err;

	if (argc > 1 &&
	    (strncmp(argv[1], "--help", 6) == 0 || strcmp(argv[1], "-?") == 0))
		return help();
	for (size_t i = 0; argc > 1 && i < SUBS; i++)
		if (strcmp(argv[1], subs[i].name) == 0)
			return subs[i].main(argc - 1, argv + 1);
	err_usage(&err,
		  argc > 1 ? "there is no `lab %s`; expected list, run or probe"
			   : "expected a command: lab list, lab run SCENARIO or lab "
			     "probe NAME%s",
		  argc > 1 ? argv[1] : "");
	return failed(&err);
}
