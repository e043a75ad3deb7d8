/* live - looks at this host, in which network namespace and how often as was asked. */
#ifndef TWSTORM_BENCH_DOCTOR_LIVE_H
#define TWSTORM_BENCH_DOCTOR_LIVE_H

#include "bench/doctor/look.h"

#define LIVE_WATCH_NS                                                                    \
	(1 * NS_PER_S) /* how long each look of --watch lasts, if nothing is said */

struct live {
	const char
		*netns; /* borrowed: a file of a network namespace; NULL = this one's */
	uint64_t interval_ns; /* 0 = as long as a look lasts */
	bool watch;
};

/* One look, into the reading. */
int live_look(const struct live *l, struct reading *read, struct err *err);
/* Look after look, until a signal comes: prints the first whole, and then findings that are new or gone.  0, or -errno. */
int live_watch(const struct live *l, struct err *err);

#endif
