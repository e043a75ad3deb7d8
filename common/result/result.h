/* result - the pieces of "twstorm.result/1" (docs/results.md) that more than one part makes:
 * states, counters, errors, histograms, host.  Each returns a new reference, or NULL when
 * memory is out.  A figure that was not measured is null, never zero. */
#ifndef TWSTORM_COMMON_RESULT_H
#define TWSTORM_COMMON_RESULT_H

#include <jansson.h>
#include "common/base/clock.h"
#include "common/base/hist.h"
#include "common/kernel/host.h"
#include "common/kernel/proc_net.h"
#include "common/kernel/sampler.h"
#include "common/base/tally.h"
#include "common/kernel/tcp_state.h"

#define RESULT_SCHEMA "twstorm.result/1"
#define SERVER_SCHEMA "twstorm.server/1"
/* Of documents that other parts make, and `twstorm report` reads. */
#define PROBE_SCHEMA   "twstorm.probe/1"
#define STATES_SCHEMA  "twstorm.states/1"
#define PROCESS_SCHEMA "twstorm.process/1"
#define COMMAND_SCHEMA "twstorm.command/1"
#define DOCTOR_SCHEMA  "twstorm.doctor/1"

json_t *result_tool(void); /* {name, version} */
json_t *result_argv(int argc, char **argv);
json_t *result_states(const struct tcp_states *s); /* all eleven */
json_t *
result_counters(const struct kernel_counters
			*c); /* "Tcp.ActiveOpens": n; unknown to this kernel: null */
json_t *result_errnos(const struct tally_errnos *
			      t); /* {"ECONNREFUSED": 3}; what never happened is absent */
json_t *result_hist(const struct hist *h); /* microseconds, and the buckets for merging */
json_t *result_host(const struct host *h); /* with the sysctls */
json_t *result_cpu(double user_s, double system_s, uint64_t connections);
json_t *result_sampler(const struct sampler_report *r);
/* A real, or null for NaN and infinity (JSON has neither). */
json_t *result_real(double v);
/* A real, or null for what is negative: never, or not known. */
json_t *result_not_negative(double v);
/* "ECONNREFUSED"; "UNKNOWN" for 0 and for a number that has no name. */
const char *result_errno_name(unsigned error);
/* {"ECONNREFUSED"} -> errno number, 0 if there is no such name. */
int result_errno_by_name(const char *name);

/* The result of a client with this command line ("client", ...) in which nothing was measured yet,
 * but every key is there: new reference.  NULL where the options are wrong or mean something else on
 * this host.  twstorm.c sets it, since no other part knows the client; NULL in tests. */
extern json_t *(*result_skeleton_of_client)(int argc, char **argv);

/* The value at a dotted path, borrowed; keys that contain dots ("counters.TcpExt.TW") are
 * found too.  In an array a key is an element's number from 0 ("server.workers.0.accepted") or its
 * "address" ("targets.127.0.0.1:9000.ok"); of the story a claim's name is its place.  NULL if there
 * is none. */
json_t *result_at(const json_t *doc, const char *path);

#endif
