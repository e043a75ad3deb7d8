/* options (server) - what `twstorm server` can be told: one row each, and the cross-checks. */
#ifndef TWSTORM_SERVER_OPTIONS_H
#define TWSTORM_SERVER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/cli/opt.h"
#include "common/tls/tls.h"
#include "server/worker.h"

struct server_options {
	const char *listen, *admin, *admin_token_file, *output;
	uint64_t workers, backlog, max_connections, max_request, max_response;
	uint64_t idle_timeout_ns, max_hold_ns, max_linger_ns, interval_ns, run_for_ns;
	double sample_budget; /* per cent of a core */
	uint64_t fastopen;
	bool no_reuseaddr, reuseport, defer_accept, no_quickack;
	bool quiet;
	struct tls_options tls;
	uint64_t handshake_timeout_ns;
};

extern const struct opt_command server_command;

/* The plan the workers run by; its listens are owned by the plan. */
int server_plan_make(const struct server_options *o, struct server_plan *out,
		     struct err *err);

#endif
