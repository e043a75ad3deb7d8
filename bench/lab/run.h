/* run - runs one plan from the first line shown to the results on disk. */
#ifndef TWSTORM_BENCH_LAB_RUN_H
#define TWSTORM_BENCH_LAB_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "bench/judge/judge.h"
#include "bench/scenario/plan.h"

/* How one run is to be shown and kept. */
struct lab_order {
	const char *
		dir; /* borrowed: NULL = nothing is kept, and there is no verdict; VARIANT.json goes there (VARIANT-NAME.json each, if there
			   * are several clients and probes; VARIANT.2.json the second time) */
	unsigned round; /* from 1 */
	json_t *base;   /* borrowed: the baseline's document, or NULL */
	FILE *out;      /* borrowed: what happened and what was expected is told there */
	bool brief;     /* one of many: what all of them share is not told again */
};

/* What went wrong has been said on stderr by the end. */
void lab_run(const struct plan *p, const struct lab_order *order,
	     struct run_outcome *out);

#endif
