/* judge - one run as a row of the scenario's table: figures of [columns], verdict, costs,
 * what was expected.  The rows go to the terminal, to summary.json and into the report. */
#ifndef TWSTORM_BENCH_JUDGE_JUDGE_H
#define TWSTORM_BENCH_JUDGE_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "bench/scenario/plan.h"

/* How one run of a plan ended: filled in by the lab, judged here, and told as a row of the
 * summary. */
struct run_outcome {
	int code;         /* exit code of this run */
	bool not_here;    /* it asks for what this kernel or machine has not */
	bool interrupted; /* by a signal to the lab */
	bool judged;      /* it left a result: there is something to judge */
	bool failed; /* a process failed, or the time was over: `why` says which and how */
	bool foreseen; /* all that failed is what an expectation of the file names */
	bool is_void;  /* it shows nothing: judge_row() says so */
	char why[400]; /* what went wrong, if anything did */
	json_t *doc; /* owned: the first result, with part{NAME: result} and base; or NULL.
		       * Of a run that failed it may have part alone */
	json_t *row;   /* owned: this run as the summary and the report have it */
	json_t *files; /* owned: array of the paths that were written */
};

void run_outcome_done(struct run_outcome *o);

/* A new object {variant, round, about, claim, cure, cells[], verdict, wanted, figure, seen, cost, price,
 * applied, code, ok, why, expectations[], files[]}; prints the verdict on `to`.  A verdict that is not the wanted
 * one makes out->code EXIT_EXPECTATION; "not on this kernel" fails only where another is
 * wanted and the run could have been made.  A run that failed, in which nothing connected or whose
 * baseline is void, is void, whatever its figures are; if all that failed was foreseen, its word is VERDICT_FAILED. */
json_t *judge_row(const struct plan *p, unsigned round, struct run_outcome *out,
		  json_t *expectations, FILE *to);
/* A path in [columns], [verdict], [cost], [compare] or `shows` that no result has, with FILE:LINE;
 * EXIT_USAGE.  `skeleton` is a document in which nothing was measured. */
int judge_check(const struct plan *p, json_t *skeleton, struct err *err);
/* The same of one condition on the result that the skeleton is of. */
int judge_check_condition(const struct plan *p, const struct setting *s, json_t *skeleton,
			  struct err *err);
/* A new array of {title, formula}. */
json_t *judge_columns(const struct plan *p);

#endif
