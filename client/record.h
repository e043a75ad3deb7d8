/* record - what is known of a client's run: the plan, the facts before it, what was measured
 * meanwhile.  Written by the main thread; the result, the ledger and the progress are made from it.
 */
#ifndef TWSTORM_CLIENT_RECORD_H
#define TWSTORM_CLIENT_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include "client/options.h"
#include "client/plan.h"
#include "client/predict.h"
#include "client/series.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/kernel/host.h"
#include "common/kernel/sampler.h"
#include "common/ports/ports.h"

struct live;
struct server_link;

struct client_record {
	const struct client_options *options; /* borrowed */
	int argc;
	char **argv;             /* borrowed: the command line, for the result */
	struct client_plan plan; /* owned */
	struct host host;
	struct client_worker **workers; /* owned: plan.workers of them */
	struct sampler *sampler;        /* owned; NULL where the kernel refuses */
	char no_states[200];            /* why it is NULL */
	struct server_link *link;       /* owned; NULL without --server-stats */
	struct live *live_at; /* owned; NULL without --admin or a lab that has it */
	bool shared;          /* both ends live in this network namespace */
	bool reuse_warning;   /* loopback + tcp_tw_reuse=2 will hide a storm */
	struct ports_facts facts;
	struct ports_prediction prediction; /* the last one; see predict.h */
	struct predict predict;
	struct sysctl_watch *sysctls; /* owned; NULL = not known */
	struct sample first, last;    /* before the first and after the last connection */
	struct sample none_left;      /* when ports first ran out; t_ns 0 = not counted */
	bool none_left_noted;
	struct sampler_report sampled;
	struct series series;
	struct tcp_states server_peak; /* by server_link */
	struct cpu_time cpu_first,
		cpu; /* of this process: before the workers ran, and while they did */
	uint64_t begin_ns, begin_wall_ns, over_ns;
	int signal;    /* that interrupted it; 0 = none */
	bool live;     /* it goes on: this is a copy, for a result of now */
	bool skeleton; /* nothing ran: every key is wanted, for --expect */
};

/* A moment in seconds since the run began; < 0 = before that, or never (0). */
static inline double record_moment_s(const struct client_record *run, uint64_t at_ns)
{
	return at_ns >= run->begin_ns && at_ns
		       ? (double)(at_ns - run->begin_ns) / NS_PER_S
		       : -1;
}

#endif
