/* destroyed - hears of TCP sockets that the kernel destroys: its groups SKNLGRP_INET_TCP_DESTROY and INET6 (Linux 4.2),
 * which everybody may join.  A connection that enters TIME_WAIT is destroyed too; the end of TIME_WAIT is not told.
 * The kernel works for each event while somebody is joined (docs/kernel-facts.md#destroyed). */
#ifndef TWSTORM_COMMON_KERNEL_DESTROYED_H
#define TWSTORM_COMMON_KERNEL_DESTROYED_H

#include <stdint.h>
#include "common/kernel/sock_diag.h"

struct destroyed {             /* zeroed, then destroyed_open() */
	struct mnl_socket *nl; /* owned */
	uint64_t lost; /* that the kernel had no room for, after destroyed_read() */
};

/* Joins both groups, for the network namespace the calling thread is in.  -errno. */
int destroyed_open(struct destroyed *d, struct err *err);
void destroyed_close(struct destroyed *d); /* leaves them */
int destroyed_fd(const struct destroyed *d);
/* Calls row() for each event that has come, with its details, without waiting; until row() returns non-zero, which is returned.
 * A socket without a port, or without a peer, has 0 there. */
int destroyed_read(struct destroyed *d, int (*row)(const struct sock_diag_row *, void *),
		   void *arg);

#endif
