/* conntrack - connection tracking of one network namespace, by the kernel's own files: how many connections it
 * remembers, and how many it refused.  A NAT that has no port left for a connection drops its packets there
 * (insert_failed and drop), and tells nobody. */
#ifndef TWSTORM_BENCH_OBSERVE_CONNTRACK_H
#define TWSTORM_BENCH_OBSERVE_CONNTRACK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "common/kernel/conntrack_stat.h"

struct conntrack_counts {
	uint64_t count, max; /* connections remembered now; at most */
	struct conntrack_stat stat;
};

struct conntrack {
	FILE *stat; /* owned; NULL: there is none */
	int count;  /* owned: a descriptor */
	int list;   /* owned: the same; -1 where the kernel has no list */
	struct conntrack_counts first, now; /* only where it is there */
	uint64_t count_peak;
	uint64_t last_ns; /* of the last reading that found some; 0 = none did */
};

/* The calling thread is in the namespace; proc is "/proc", or a fixture. */
void conntrack_open(struct conntrack *c, const char *proc);
void conntrack_close(struct conntrack *c);
/* False where this kernel has no connection tracking (or its module is not loaded). */
bool conntrack_is_there(const struct conntrack *c);
/* How many are remembered now. */
uint64_t conntrack_count(const struct conntrack *c);
/* A connection that is being refused is counted while the NAT looks for a port: `before`, of conntrack_count(), was
 * read a little earlier, and the smaller of the two is what there was. */
void conntrack_read(struct conntrack *c, uint64_t before, uint64_t t_ns);
/* The kernel looks for entries whose time is over once a minute or less often, and counts them until then.  Who lists
 * them has it look at once; that costs as much as there are entries. */
void conntrack_forget_expired(const struct conntrack *c);

#endif
