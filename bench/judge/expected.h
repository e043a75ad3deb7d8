/* expected - what a scenario expects, and whether it is so.  a condition on one result the
 * client or probe checks itself (--expect), and its result carries the answer; conditions
 * between results are the lab's own. */
#ifndef TWSTORM_BENCH_JUDGE_EXPECTED_H
#define TWSTORM_BENCH_JUDGE_EXPECTED_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include "bench/scenario/plan.h"

/* What was expected and whether it is so, in the file's order: a new array of
 * {phrase, expr, value, expected, ok, reason?}.  Those of [compare] are looked at here, on the
 * whole run's document; of one that failed only those that were measured. */
json_t *expected_rows(const struct plan *p, const struct plan_proc *client,
		      json_t *result);
json_t *expected_compared(const struct plan *p, json_t *doc, bool failed);

struct expected {
	size_t held, failed;
	size_t unanswered; /* the result does not say */
};
struct expected expected_count(const json_t *rows);
/* Prints them as a table: phrase, seen, wanted, whether it is true. */
void expected_print(FILE *out, const json_t *rows);

#endif
