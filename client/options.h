/* options (client) - what `twstorm client` can be told: one row each, and the checks that
 * need more than one option. */
#ifndef TWSTORM_CLIENT_OPTIONS_H
#define TWSTORM_CLIENT_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/cli/opt.h"
#include "common/base/units.h"
#include "common/tls/tls.h"

enum bind_mode { BIND_AUTO, BIND_EARLY, BIND_LATE, BIND_PORT };
enum failover { FAILOVER_AUTO, FAILOVER_ON, FAILOVER_OFF };
enum on_exhaustion { EXHAUSTION_BACKOFF, EXHAUSTION_STOP, EXHAUSTION_SPIN };
/* X(NAME, name): --proto takes the name, slot_name.c speaks it. */
#define PROTOS(X)   X(RAW, raw) X(HTTP, http)
#define X(id, name) PROTO_##id,
enum proto { PROTOS(X) PROTO_HTTPS /* said for PROTO_HTTP and --tls */ };
#undef X
enum method { METHOD_GET, METHOD_POST };
enum result_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_NONE };

struct client_options {
	const char *target, *close, *linger2, *source, *source_ports, *server_stats,
		*admin, *admin_token_file, *output, *html, *start_at, *path, *keepalive;
	struct opt_texts expect, header;
	struct rate rate;
	uint64_t concurrency, connections, workers, requests, request_size, response_size,
		seed;
	uint64_t duration_ns, hold_ns, think_ns, timeout_ns, linger_ns, interval_ns;
	uint64_t pool, max_requests, max_age_ns, idle_timeout_ns;
	uint64_t rank, ranks;
	double sample_budget; /* per cent of a core */
	int arrivals, bind, spread, failover, on_exhaustion, format, proto, method;
	/* Where they come from: RANK_FROM_OPTION, RANK_FROM_DEFAULT or a variable's name. */
	const char *rank_from, *ranks_from, *start_at_from;
	char rank_file[PATH_MAX]; /* what output points to where -o names a directory */
	bool own_target, quiet, prefill;
	bool reuseaddr, fastopen, no_quickack, fin_with_data;
	struct tls_options tls;
};

extern const struct opt_command client_command;

#endif
