#include "server/server.h"

#include "common/base/signals.h"
#include "common/cli/command.h"
#include "server/options.h"
#include "server/run.h"

static int run(void *options, const struct opt_result *parsed, struct err *err)
{
	int r = signals_catch(err);

	return r < 0 ? r : server_run(options, parsed->argc, parsed->argv, err);
}

int server_main(int argc, char **argv)
{
	struct server_options options = { 0 };

	return command_main(&server_command, run, argc, argv, &options);
}
