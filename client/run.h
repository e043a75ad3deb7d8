/* run (client) - one run from start to result: starts the workers, watches (states, server,
 * ports, signals), waits for them, counts once more when all has settled. */
#ifndef TWSTORM_CLIENT_RUN_H
#define TWSTORM_CLIENT_RUN_H

#include "client/options.h"
#include "common/base/err.h"

/* Runs; 0 with a result and *exit_code, or -errno where nothing could run. */
int client_run(const struct client_options *o, int argc, char **argv, int *exit_code,
	       struct err *err);

#endif
