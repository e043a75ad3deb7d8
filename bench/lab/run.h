/* lab_run - runs one plan from the first line shown to the results on disk. */
#ifndef TWSTORM_BENCH_LAB_RUN_H
#define TWSTORM_BENCH_LAB_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include "bench/scenario/plan.h"

/* How one run is to be shown and kept. */
struct lab_order {
	const char *
		dir; /* borrowed: VARIANT.json goes there (VARIANT-NAME.json each, if there
			   * are several clients and probes; VARIANT.2.json the second time) */
	unsigned round; /* from 1 */
	json_t *base;   /* borrowed: the baseline's document, or NULL */
	bool brief;     /* one of many: what all of them share is not told again */
};

struct lab_outcome {
	int code;         /* exit code of this run */
	bool not_here;    /* it asks for what this kernel or machine has not */
	bool interrupted; /* by the user's SIGINT or SIGTERM */
	bool judged; /* it went on to its end and left `doc`: there is something to judge */
	char why[400]; /* what went wrong, if anything did */
	json_t *doc; /* owned: the first result, with part{NAME: result} and base; or NULL */
	json_t *row;   /* owned: this run as the summary and the report have it */
	json_t *files; /* owned: array of the paths that were written */
};

/* What went wrong has been said on stderr by the end. */
void lab_run(const struct plan *p, const struct lab_order *order,
	     struct lab_outcome *out);
void lab_outcome_done(struct lab_outcome *o);

#endif
