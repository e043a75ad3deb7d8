#include "client/client.h"

#include <errno.h>

#include "client/options.h"
#include "client/plan.h"
#include "client/run.h"
#include "client/run_facts.h"
#include "common/base/signals.h"
#include "common/cli/command.h"

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	int exit_code = EXIT_COMPLETE, r = signals_catch(err);

	if (r == 0)
		r = client_run(options, parsed->argc, parsed->argv, &exit_code, err);
	return r < 0 ? r : exit_code;
}

int client_main(int argc, char **argv)
{
	struct client_options options = { 0 };

	return command_main(&client_command, run, argc, argv, &options);
}

int client_facts(int argc, char **argv, struct ports_facts *f)
{
	struct client_options options = { 0 };
	struct opt_result parsed;
	struct client_plan plan;
	struct err err;
	int r = opt_parse(&client_command, argc, argv, &options, &parsed, &err);

	if (r == 0 && parsed.help_shown)
		r = -ENOTSUP;
	if (r == 0)
		r = client_plan_elsewhere(&options, &plan, &err);
	if (r == 0) {
		r = run_facts_of_plan(&plan, f, &err);
		client_plan_done(&plan);
	}
	opt_done(&client_command, &options);
	return r;
}
