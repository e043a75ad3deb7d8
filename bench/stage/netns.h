/* netns - the lab's network: a network namespace for each host and one more for the bridge
 * that joins them, all without a name: they live as long as the descriptors here and the
 * processes in them.  The calling process leaves its own network namespace for good, so
 * this is for the lab's keeper (cell.h) alone, whose end closes them. */
#ifndef TWSTORM_BENCH_STAGE_NETNS_H
#define TWSTORM_BENCH_STAGE_NETNS_H

#include "bench/scenario/plan.h"
#include "common/base/err.h"

/* Numbers of interfaces in the bridge's namespace: of the first host; the next host's are one more. */
#define NETNS_PORT_INDEX 101 /* its cable's end */
#define NETNS_NEAR_INDEX 201 /* where a wire lies between: its end ... */
#define NETNS_FAR_INDEX  301 /* ... of a cable to the bridge's port */

struct netns {
	int bridge;           /* owned: the namespace of the bridge, or of the wire */
	int host[PLAN_HOSTS]; /* owned: a namespace each, in the plan's order */
	size_t n_hosts;
};

/* Hosts get `eth0` with their addresses and `lo`, all up. */
int netns_build(const struct plan *p, struct netns *out, struct err *err);
/* Moves the calling thread into a host. */
int netns_enter(const struct netns *n, size_t host, struct err *err);

#endif
