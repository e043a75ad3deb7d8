/* filter - lets a TCP socket drop every segment, or some, by a classic BPF program on the
 * socket itself (SO_ATTACH_FILTER): no packet loss tool, no privilege.  The program sees the
 * TCP header at offset 0; what it refuses is as if lost on the way.  A listener's program
 * also sees the segments of unfinished handshakes, and accepted sockets inherit it
 * (docs/kernel-facts.md#filter). */
#ifndef TWSTORM_BENCH_HOLD_FILTER_H
#define TWSTORM_BENCH_HOLD_FILTER_H

#include "common/base/err.h"

/* Nothing that arrives is taken.  0 or -errno. */
int hold_filter_all(int fd, struct err *err);
/* A FIN or a RST is not taken: the peer may go unnoticed. */
int hold_filter_farewells(int fd, struct err *err);

#endif
