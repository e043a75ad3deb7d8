/* taken - ports that connections of a run cannot have, because a socket has them when the run
 * begins; and when each comes free again, as far as the kernel tells.  How they are found:
 * taken_look.h. */
#ifndef TWSTORM_COMMON_PORTS_TAKEN_H
#define TWSTORM_COMMON_PORTS_TAKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAKEN_ALL_POOLS UINT32_MAX

/* Why a port is not to be had, which decides when it comes free. */
enum taken_by {
	TAKEN_SOCKET, /* a socket that ends when its program wants: not in the run */
	TAKEN_KEPT,   /* a socket of this program that lasts as long as the run */
	/* Free in expires_s; or sooner, if TIME_WAIT is taken again.  Where bind() shares a port
	 * by SO_REUSEADDR this is FIN_WAIT2 without a descriptor, too: the kernel then takes it
	 * again by the same rule. */
	TAKEN_TIME_WAIT,
	TAKEN_FIN_WAIT2, /* without a descriptor: free in expires_s */
	/* TIME_WAIT that keeps bind() or connect() from the port, whatever the sysctls say
	 * of reuse; the port is free in expires_s. */
	TAKEN_BOUND_TIME_WAIT,
};

/* A pool is what has all ports to itself: a source address, or a pair of a source address and
 * a target. */
struct taken_port {
	uint32_t pool; /* TAKEN_ALL_POOLS: no pool has the port */
	uint16_t port; /* inside the range that connections take theirs from */
	uint8_t by;    /* enum taken_by */
	/* From the look on; for TIME_WAIT and FIN_WAIT2, 0 for others.  The kernel's timers are
	 * coarse: the socket may last up to 2 s longer. */
	float expires_s;
};

/* Sorted by pool, then port; each (pool, port) stands there once, and none that TAKEN_ALL_POOLS
 * has for as long as the pool or longer. */
struct taken {
	struct taken_port *at; /* owned */
	size_t n;
	/* TIME_WAIT of the network namespace, and FIN_WAIT2 without a descriptor, that end in
	 * second i, the last of them also those that end later: all count for
	 * tcp_max_tw_buckets. */
#define TAKEN_SECONDS 128
	uint32_t bucket_ends[TAKEN_SECONDS];
	/* The kernel was asked about some of the ports only, and some of those were free and
	 * some were not: the number of the rest is right, and not which they are. */
	bool estimated;
	/* Ports of the range that might be taken as well, but this kernel cannot be asked: these
	 * are not in at[]. */
	uint32_t unasked;
};

void taken_done(struct taken *t);
/* How many ports of so many pools are taken: what no pool has counts once for each. */
uint64_t taken_in_pools(const struct taken *t, uint32_t pools);

#endif
