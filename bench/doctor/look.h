/* look - fills a reading from this host instead of from text: sockets by sock_diag, or from /proc/net/tcp where there is none;
 * what connections come to meanwhile, by the kernel's events; counters, settings and limits from /proc.  Reads only, needs no
 * right; what cannot be read is not known. */
#ifndef TWSTORM_BENCH_DOCTOR_LOOK_H
#define TWSTORM_BENCH_DOCTOR_LOOK_H

#include "bench/doctor/reading.h"

#define LOOK_NS (300 * NS_PER_MS) /* how long a look lasts, if nothing is said */

struct look_plan {
	uint64_t interval_ns; /* between the first look and the last */
	bool join;            /* the events of destroyed sockets, meanwhile */
	const char *root;     /* PROC_ROOT, or "/proc/PID": of that process's namespace */
	bool foreign; /* the namespace is that process's, and not this thread's: there is no sock_diag, nor a sysctl, of it */
};

/* A signal ends the interval, and the last look comes at once.  0, or -errno. */
int look_at_host(const struct look_plan *plan, struct reading *r, struct err *err);

#endif
