/* narrate - tells a run in words: before it, what will be built and what should happen;
 * after it, what did, with the figures.  The figures are the result's own. */
#ifndef TWSTORM_BENCH_LAB_NARRATE_H
#define TWSTORM_BENCH_LAB_NARRATE_H

#include <jansson.h>
#include <stdio.h>
#include "bench/scenario/plan.h"

/* Hosts, addresses, sysctls, command lines, what is expected, and when ports should run
 * out; of one variant of several (brief) only what is its own. */
void narrate_before(FILE *out, const struct plan *p, bool brief);
/* "What happened in VARIANT, client NAME:", as far as there are several of either. */
void narrate_heading(FILE *out, const struct plan *p, const struct plan_proc *proc);
/* What a client's or probe's result says happened. */
void narrate_after(FILE *out, json_t *result);

#endif
