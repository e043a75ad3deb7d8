/* observers - which of a plan's hosts are observed while it runs. */
#ifndef TWSTORM_BENCH_STAGE_OBSERVERS_H
#define TWSTORM_BENCH_STAGE_OBSERVERS_H

#include "bench/observe/observe.h"
#include "bench/scenario/plan.h"
#include "bench/stage/child.h"
#include "bench/stage/netns.h"

/* Some are. */
bool observers_any(const struct plan *p);
/* Starts the process, if there are some; out_fd is where its document goes.  0 or -errno. */
int observers_start(const struct plan *p, const struct netns *n, int out_fd,
		    struct companion *out, struct err *err);
/* After the load: waits as long as some host is counted on, or until a signal comes. */
void observers_count_on(const struct plan *p, const struct companion *o,
			struct children *cs);

#endif
