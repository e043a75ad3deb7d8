#include "client/client.h"

#include <stdio.h>

#include "client/options.h"
#include "client/run.h"
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
