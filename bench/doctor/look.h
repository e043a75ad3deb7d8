/* look - fills a reading from this host instead of from text: sockets by sock_diag, or from /proc/net/tcp where there is none;
 * counters, settings and limits from /proc.  Reads only, needs no right; what cannot be read is not known. */
#ifndef TWSTORM_BENCH_DOCTOR_LOOK_H
#define TWSTORM_BENCH_DOCTOR_LOOK_H

#include "bench/doctor/reading.h"

/* Counters are read twice, interval_ns apart, or once where that is 0; the sockets at the end.  0, or -errno; -EINTR
 * where a signal came. */
int look_at_host(struct reading *r, uint64_t interval_ns, struct err *err);

#endif
