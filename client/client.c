#include "client/client.h"

#include <errno.h>
#include <stdio.h>

#include "client/options.h"
#include "client/plan.h"
#include "client/run.h"
#include "client/run_facts.h"
#include "common/base/signals.h"

int client_main(int argc, char **argv)
{
	struct client_options options = { 0 };
	struct err err = { 0 };
	int exit_code = EXIT_COMPLETE;
	int r = signals_catch(&err);

	if (r == 0)
		r = client_options_parse(argc, argv, &options, &err);
	if (r == 0 && !options.help_shown)
		r = client_run(&options, argc, argv, &exit_code, &err);
	client_options_done(&options);
	if (r < 0) {
		fprintf(stderr, "twstorm client: %s\n", err.text);
		return err.exit;
	}
	return exit_code;
}

int client_facts(int argc, char **argv, struct ports_facts *f)
{
	struct client_options options = { 0 };
	struct client_plan plan;
	struct err err;
	int r = client_options_parse(argc, argv, &options, &err);

	if (r == 0 && options.help_shown)
		r = -ENOTSUP;
	if (r == 0)
		r = client_plan_elsewhere(&options, &plan, &err);
	if (r == 0) {
		run_facts_of_plan(&plan, f);
		client_plan_done(&plan);
	}
	client_options_done(&options);
	return r;
}
