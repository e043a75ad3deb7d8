/* forecast - when the ports of a load will run out, told before anything runs. */
#ifndef TWSTORM_BENCH_LAB_FORECAST_H
#define TWSTORM_BENCH_LAB_FORECAST_H

#include <stdbool.h>
#include "bench/scenario/plan.h"
#include "common/ports/ports.h"

/* Predicts the plain case only, where a range that is known runs out towards one target and
 * everything stays in TIME_WAIT; a client of ours predicts the others when it starts.  load: a
 * client, or a process with `to` and `rate`, which is taken to run for so many seconds (0 = not
 * known).  False where nothing can be said; the facts are to be done in either case. */
bool forecast(const struct plan_proc *load, unsigned seconds, struct ports_facts *f,
	      struct ports_prediction *p);

#endif
