/* lab_run - runs one plan from the first line shown to the result on disk. */
#ifndef TWSTORM_BENCH_LAB_RUN_H
#define TWSTORM_BENCH_LAB_RUN_H

#include "bench/plan.h"

/* Returns an exit code; what went wrong has been said on stderr by then.  `dir` is where
 * VARIANT.json goes (VARIANT-CLIENT.json each, if there are several clients). */
int lab_run(const struct plan *p, const char *dir);

#endif
