#include "client/client.h"

#include "client/options.h"
#include "client/run.h"
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
