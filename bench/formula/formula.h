/* formula - arithmetic and comparisons over figures of results, as scenario files write them
 * in [columns], [verdict], [cost] and [compare].
 *
 *   FORMULA    numbers, paths of a result, + - * / ( ); a minus has blanks around it, as
 *              paths may contain one: counters.Tcp.OutSegs / totals.connects_ok
 *   CONDITION  FORMULA OP FORMULA [N%] [and ...], OP one of == != < <= > >= ~
 *
 * true and false are 1 and 0.  A path under errors. that is absent is 0: it never happened, if
 * the result has errors at all.
 * Whatever else was not measured makes the whole unknown, and a condition that is unknown
 * does not hold. */
#ifndef TWSTORM_BENCH_FORMULA_FORMULA_H
#define TWSTORM_BENCH_FORMULA_FORMULA_H

#include <jansson.h>
#include <stdbool.h>
#include "common/err.h"

/* Syntax only: which paths there are is known when there is a result.  EXIT_USAGE. */
int formula_check(const char *text, struct err *err);
int condition_check(const char *text, struct err *err);

/* Tells each() of every path in a formula or condition; whether it said true of one. */
typedef bool formula_path_fn(const char *path, void *arg);
bool formula_any_path(const char *text, formula_path_fn *each, void *arg);
/* False if a result can have no such path: it is misspelt.  Of a result that is not in `doc`,
 * and of a section that a probe's has not, nothing can be said: true. */
bool formula_path_known(json_t *doc, const char *path);

/* New reference: a number, a string (a formula that is one path may name one), or null. */
json_t *formula_eval(const char *text, json_t *doc);

struct condition {
	bool holds;
	bool known; /* every figure in it was measured */
	/* Its first comparison that does not hold, or else its first: */
	char left[120];  /* the left side as it was written */
	char seen[40];   /* its figure */
	char wanted[64]; /* the operator and the right side's: "> 1,500" */
	char shown[240]; /* all of it: "totals.closes = 12 > 3", "... = 2, not > 3" */
};
void condition_eval(const char *text, json_t *doc, struct condition *out);

#endif
