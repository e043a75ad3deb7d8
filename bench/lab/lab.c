#include "bench/lab/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/lab/commands.h"
#include "bench/probe/probe.h"
#include "bench/scenario/catalog.h"
#include "common/cli/command.h"
#include "common/cli/rank_env.h"

int lab_load(const char *word, struct scenario *out, struct err *err)
{
	char *path;
	int r = catalog_find(word, &path, err);

	if (r < 0)
		return r;
	r = scenario_load(path, out, err);
	free(path);
	return r;
}

static const struct sub {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *help;
} subs[] = {
	{ "list", lab_list_main, "the scenarios that come with twstorm" },
	{ "run", lab_run_main, "run scenarios, by name or file: lab run storm" },
	{ "trace", lab_trace_main, "one connection, segment by segment" },
	{ "wrap", lab_wrap_main, "any program: what it does to its ports" },
	{ "states", lab_states_main, "so many sockets in each TCP state, all at once" },
	{ "shell", lab_shell_main,
	  "a shell in a scenario's hosts: lab shell storm client" },
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

static int no_such(const char *name)
{
	char names[80] = "";
	size_t len = 0;
	struct err err;

	for (size_t i = 0; i < SUBS; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
					i == 0          ? ""
					: i + 1 == SUBS ? " or "
							: ", ",
					subs[i].name);
	if (name)
		err_usage(&err, "there is no `lab %s`; expected %s", name, names);
	else
		err_usage(&err, "expected a command: lab list, or lab run SCENARIO");
	return command_failed("lab", &err);
}

int lab_main(int argc, char **argv)
{
	struct complete at;

	rank_env_forget(); /* each client of a lab makes its whole load */
	if (complete_first(argc, argv, &at)) {
		for (size_t i = 0; i < SUBS; i++)
			complete_name(&at, subs[i].name, subs[i].help);
		complete_name(&at, "--help", "the commands");
		return EXIT_COMPLETE;
	}
	if (argc > 1 &&
	    (strncmp(argv[1], "--help", 6) == 0 || strcmp(argv[1], "-?") == 0))
		return help();
	for (size_t i = 0; argc > 1 && i < SUBS; i++)
		if (strcmp(argv[1], subs[i].name) == 0)
			return subs[i].main(argc - 1, argv + 1);
	return no_such(argc > 1 ? argv[1] : NULL);
}
