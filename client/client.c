#include "client/client.h"

#include <signal.h>
#include <stdio.h>

#include "client/options.h"
#include "client/run.h"

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = client_run_interrupt,
				.sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

int client_main(int argc, char **argv)
{
	struct client_options options;
	struct err err = { 0 };
	int exit_code = EXIT_COMPLETE;
	int r;

	catch_signals();
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
