#include "server/server.h"

#include <stdio.h>

#include "common/base/signals.h"
#include "server/options.h"
#include "server/run.h"

int server_main(int argc, char **argv)
{
	struct server_options options = { 0 };
	struct err err = { 0 };
	int r = signals_catch(&err);

	if (r == 0)
		r = server_options_parse(argc, argv, &options, &err);
	if (r == 0 && !options.help_shown)
		r = server_run(&options, argc, argv, &err);
	server_options_done(&options);
	if (r < 0) {
		fprintf(stderr, "twstorm server: %s\n", err.text);
		return err.exit;
	}
	return EXIT_COMPLETE;
}
