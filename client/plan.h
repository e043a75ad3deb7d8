/* plan - everything a run has decided before it starts: targets, sources, strategies, rates,
 * limits.  Made from the options once; const while workers run. */
#ifndef TWSTORM_CLIENT_PLAN_H
#define TWSTORM_CLIENT_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include "client/http_request.h"
#include "client/options.h"
#include "client/targets.h"
#include "common/ports/own_ports.h"
#include "common/ports/load.h"
#include "common/kernel/addr_list.h"
#include "common/kernel/sock.h"
#include "common/talk/closing.h"
#include "common/base/err.h"

struct transport;

enum linger_kind { LINGER_NONE, LINGER_CLOSE, LINGER_FIN_WAIT2 };

struct client_plan {
	struct client_options o; /* as given, for all ranks; texts are borrowed */
	struct addr_list targets, sources; /* owned; sources may be empty */
	bool own_sources;     /* dealt among the ranks: no other rank has one of them */
	struct targets books; /* owned: how the targets are counted */
	struct closing_mix mix;
	struct rate rate;                  /* of this rank; 0 = closed loop */
	const struct transport *transport; /* borrowed */
	struct tls *tls;                   /* owned; NULL = no TLS, or not on this host */
	char tls_name
		[256]; /* the name in --target, for the server's certificate; "" = none */
	struct http_requests http; /* owned; empty with --proto raw */
	uint64_t arrivals_limit;   /* of this rank; 0 = none */
	bool limited;              /* arrivals_limit counts even if it is 0 */
	unsigned workers;
	enum linger_kind linger;
	int linger_seconds;
	uint32_t port_range;        /* IP_LOCAL_PORT_RANGE's lo | hi << 16; 0 = not set */
	bool early_bind, late_bind; /* how the source address is bound, if at all */
	struct own_ports own_ports; /* owned; --bind port */
	bool may_meet_itself; /* a target is this host's, at a port that connect() may choose */
	struct {
		int idle_s, interval_s, probes; /* idle_s 0 = not set */
	} keepalive;
	bool failover; /* a target that fails is set aside */
	uint64_t seed;
	unsigned rank, ranks;
	uint8_t run; /* what the server calls this run, for its books; 0 = nothing */
};

int client_plan_make(const struct client_options *o, struct client_plan *out,
		     struct err *err);
/* The same for a client on another host: nothing of this one is looked at or changed, and what
 * only that one knows is not in it.  -ENOTSUP where a target is a name. */
int client_plan_elsewhere(const struct client_options *o, struct client_plan *out,
			  struct err *err);
void client_plan_done(struct client_plan *p);
/* What the workers start; borrows the plan's own ports. */
struct load client_plan_load(const struct client_plan *p);

#endif
