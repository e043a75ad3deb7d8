/* sysctl - writes a lab host's sysctls.  /proc/sys/net shows the caller's own network
 * namespace, so the keeper enters the host first; it never goes back to the real one. */
#ifndef TWSTORM_BENCH_STAGE_SYSCTL_H
#define TWSTORM_BENCH_STAGE_SYSCTL_H

#include "bench/scenario/plan.h"
#include "bench/stage/netns.h"
#include "bench/text/text.h"
#include "common/base/err.h"

/* Checks whether sysctls can be written here, if the plan has any.  EXIT_NO_SUPPORT. */
int sysctl_check(const struct plan *p, struct err *err);
/* The names of the plan's sysctls that there are where the caller is: to be asked before the
 * hosts are made.  What a host then lacks is one for the whole machine. */
void sysctl_outside(const struct plan *p, struct words *out);
/* All sysctls of all hosts; `outside` is of sysctl_outside().  EXIT_NO_SUPPORT for one that
 * this kernel has not, EXIT_USAGE with FILE:LINE for one that no host has or a value the
 * kernel refuses. */
int sysctl_write_all(const struct plan *p, const struct netns *n,
		     const struct words *outside, struct err *err);
/* "net.ipv4.tcp_tw_reuse" to "ROOT/sys/net/ipv4/tcp_tw_reuse"; heap string. */
char *sysctl_path(const char *root, const char *name);
/* In the network namespace that the calling process is in: 0 or -errno. */
int sysctl_set(const char *name, const char *value);

#endif
