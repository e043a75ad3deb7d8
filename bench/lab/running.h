/* running - one lab_run() at work, for the files that are it: run.c, failures.c, load.c. */
#ifndef TWSTORM_BENCH_LAB_RUNNING_H
#define TWSTORM_BENCH_LAB_RUNNING_H

#include <jansson.h>
#include "bench/judge/judge.h"
#include "bench/lab/run.h"
#include "bench/stage/stage.h"

struct run {
	const struct plan *plan;
	const struct lab_order *order;
	struct run_outcome *out;
	struct stage stage;
	json_t *parts; /* NAME to result */
	json_t *seen;  /* of seen_read() */
	bool unseen;   /* hosts were observed, and what they had is not known */
	json_t *rows;  /* what was expected, of all parts */
	json_t *answers
		[PLAN_PROCS];   /* to what the lab itself was asked of a part's result */
	int failed[PLAN_PROCS]; /* what its end means for the exit code, if it failed */
};

#endif
