/* cables - which frames of a plan's hosts go through the process that carries frames (wire.h), and
 * between which interfaces. */
#ifndef TWSTORM_BENCH_STAGE_CABLES_H
#define TWSTORM_BENCH_STAGE_CABLES_H

#include "bench/scenario/plan.h"
#include "bench/stage/netns.h"
#include "bench/stage/stage.h"
#include "bench/wire/wire.h"

/* Starts the process, if a cable needs it; what they do is in the report.  0 or -errno. */
int cables_start(const struct plan *p, const struct netns *n, struct stage_report *report,
		 struct companion *out, struct err *err);

#endif
