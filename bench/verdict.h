/* verdict - what a scenario expects of a client's result, `PATH OP VALUE`.  The client
 * checks it itself (--expect) and its result carries the answers; here is the syntax, so
 * that a mistake is found before anything runs, and the table. */
#ifndef TWSTORM_BENCH_VERDICT_H
#define TWSTORM_BENCH_VERDICT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include "bench/plan.h"
#include "common/err.h"

/* PATH OP VALUE with == != < <= > >=, or PATH ~ VALUE PERCENT%.  Whether there is such a
 * path only the client knows.  EXIT_USAGE with what was expected. */
int verdict_check(const char *expr, struct err *err);

struct verdict {
	size_t held, failed;
	size_t unanswered; /* the result does not say */
};

/* Prints a table of what was expected of `client`: phrase, seen, expected, verdict. */
struct verdict verdict_print(FILE *out, const struct plan *p,
			     const struct plan_proc *client, json_t *result);

#endif
