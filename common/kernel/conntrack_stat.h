/* conntrack_stat - /proc/net/stat/nf_conntrack: what connection tracking did, the sum over all CPUs. */
#ifndef TWSTORM_COMMON_KERNEL_CONNTRACK_STAT_H
#define TWSTORM_COMMON_KERNEL_CONNTRACK_STAT_H

#include <stdint.h>
#include <stdio.h>

/* Since the network namespace began. */
struct conntrack_stat {
	uint64_t found, insert, insert_failed, drop, early_drop;
};

/* Adds what the file says, from its beginning: names of columns, then a line of hexadecimal numbers for each CPU.  Returns how many
 * CPUs there were; 0 = this is no such file. */
unsigned conntrack_stat_add(FILE *f, struct conntrack_stat *to);

#endif
