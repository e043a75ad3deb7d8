/* outcome - how one run of a plan ended: filled in by the lab, judged here, and told as a row
 * of the summary. */
#ifndef TWSTORM_BENCH_JUDGE_OUTCOME_H
#define TWSTORM_BENCH_JUDGE_OUTCOME_H

#include <jansson.h>
#include <stdbool.h>

struct run_outcome {
	int code;         /* exit code of this run */
	bool not_here;    /* it asks for what this kernel or machine has not */
	bool interrupted; /* by a signal to the lab */
	bool judged; /* it went on to its end and left `doc`: there is something to judge */
	char why[400]; /* what went wrong, if anything did */
	json_t *doc; /* owned: the first result, with part{NAME: result} and base; or NULL */
	json_t *row;   /* owned: this run as the summary and the report have it */
	json_t *files; /* owned: array of the paths that were written */
};

void run_outcome_done(struct run_outcome *o);

#endif
