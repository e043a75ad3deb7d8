/* check - what this host allows: how large the parts are in which sockets are held, and
 * whether a mix can be held at all. */
#ifndef TWSTORM_BENCH_HOLD_CHECK_H
#define TWSTORM_BENCH_HOLD_CHECK_H

#include <stdint.h>
#include "bench/hold/make.h"
#include "common/base/err.h"

/* Handshakes one listener holds for long. */
uint64_t hold_handshakes_each(void);
/* Connections that may wait in an accept queue at a time, at most HOLD_BATCH. */
unsigned hold_batch_size(void);
/* How many listeners n sockets need, per_listener (over 0) at each. */
unsigned hold_listeners_for(uint64_t n, uint64_t per_listener);
/* Descriptors, TIME_WAIT buckets, listeners for SYN_RECV; h->wanted is set.  0 or -errno with
 * EXIT_NO_SUPPORT or EXIT_USAGE. */
int hold_check(const struct hold *h, struct err *err);

#endif
