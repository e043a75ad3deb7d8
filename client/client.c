#include "client/client.h"

#include <errno.h>
#include <stdlib.h>

#include "client/options.h"
#include "client/plan.h"
#include "client/record.h"
#include "client/report.h"
#include "client/run.h"
#include "client/run_facts.h"
#include "common/base/signals.h"
#include "common/cli/command.h"
#include "common/result/condition.h"

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

/* The plan of a client that will run elsewhere; both are to be done with, whatever this returns. */
static int plan_of(int argc, char **argv, struct client_options *o,
		   struct client_plan *plan, struct err *err)
{
	struct opt_result parsed;
	int r = opt_parse(&client_command, argc, argv, o, &parsed, err);

	*plan = (struct client_plan){ 0 };
	if (r == 0 && parsed.help_shown)
		r = err_support(err, "this only shows the help");
	return r ? r : client_plan_elsewhere(o, plan, err);
}

int client_facts(int argc, char **argv, struct ports_facts *f)
{
	struct client_options options = { 0 };
	struct client_plan plan;
	struct err err;
	int r = plan_of(argc, argv, &options, &plan, &err);

	/* These ports are the host's to tell. */
	if (r == 0 && (options.source_ports || options.bind == BIND_PORT))
		r = -ENOTSUP;
	r = r ? r : run_facts_of_plan(&plan, f, &err);
	client_plan_done(&plan);
	opt_done(&client_command, &options);
	return r;
}

json_t *client_skeleton(int argc, char **argv)
{
	struct client_record *run = calloc(1, sizeof(*run));
	struct client_options options = { 0 };
	json_t *doc = NULL;

	if (!run)
		return NULL;
	*run = (struct client_record){ .options = &options, .argc = argc, .argv = argv };
	if (plan_of(argc, argv, &options, &run->plan, NULL) == 0 &&
	    targets_make(&run->plan.books, &run->plan.targets, NULL) == 0 &&
	    host_read(&run->host, NULL) == 0) {
		run->plan.workers = 0; /* there are none to be asked */
		doc = report_skeleton(run);
	}
	client_plan_done(&run->plan);
	opt_done(&client_command, &options);
	free(run);
	return doc;
}

int client_check(int argc, char **argv, struct err *err)
{
	struct client_options options = { 0 };
	struct client_plan plan;
	int r = plan_of(argc, argv, &options, &plan, err);
	json_t *skeleton = r == 0 ? client_skeleton(argc, argv) : NULL;

	if (skeleton)
		r = expect_check(&options.expect, skeleton, err);
	json_decref(skeleton);
	client_plan_done(&plan);
	opt_done(&client_command, &options);
	return r < 0 && err->exit == EXIT_USAGE ? err_prefix(r, err, "twstorm client")
						: 0;
}
