/* plan_args - from a process's `args` to the whole command line that is run and printed:
 * placeholders filled in, and what the lab adds so that results can be had. */
#ifndef TWSTORM_BENCH_SCENARIO_PLAN_ARGS_H
#define TWSTORM_BENCH_SCENARIO_PLAN_ARGS_H

#include "bench/scenario/plan.h"

/* Fills argv (and admin, stats) of every process.  EXIT_USAGE with FILE:LINE. */
int plan_args(struct plan *p, struct err *err);

#endif
