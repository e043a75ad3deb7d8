/* caps - the lab's root has the capabilities that hosts, cables, probes and third parties need.  Our own servers
 * and clients need none, and have none: what they show they can do, they can do for everybody. */
#ifndef TWSTORM_BENCH_STAGE_CAPS_H
#define TWSTORM_BENCH_STAGE_CAPS_H

#include "bench/scenario/plan.h"
#include "bench/stage/netns.h"

/* The calling process, and what it becomes by exec, has no capability any more, root or not.  Where it may not give
 * them up for good (no CAP_SETPCAP), exec gives them back. */
void caps_drop(void);
/* So that they can have ports below 1024 all the same: net.ipv4.ip_unprivileged_port_start = 0 on their hosts, unless
 * the scenario sets it.  Where sysctls are read-only they cannot.  0 or -errno. */
int caps_free_ports(const struct plan *p, const struct netns *n, struct err *err);

#endif
