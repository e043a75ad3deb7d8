/* formula - the one language of figures of results: --expect, and [expect], [compare],
 * [columns], [verdict] and [cost] of scenario files.
 *
 *   FORMULA    numbers, durations (5ms), paths of a result, + - * / ( ); a minus has blanks
 *              around it, as paths may contain one: counters.Tcp.OutSegs / totals.connects_ok
 *   CONDITION  FORMULA OP FORMULA [N%] [and ...] [or ...], OP one of == != < <= > >= ~
 *
 * After == and != a word without a dot that is no path is a word: error.code == interrupted.
 * true and false are 1 and 0.  A duration is turned into the unit of the path that it is added to
 * or compared with, which the path's name tells: latency_us.connect.p99 < 5ms.
 * A path under errors. that is absent is 0: it never happened, if the result has errors at all.
 * Whatever else was not measured makes the whole unknown, and a condition that is unknown
 * does not hold; `== null` asks whether it is. */
#ifndef TWSTORM_COMMON_RESULT_FORMULA_H
#define TWSTORM_COMMON_RESULT_FORMULA_H

#include <jansson.h>
#include <stdbool.h>
#include "common/base/err.h"

/* Syntax only.  0 or -EINVAL with EXIT_USAGE and what was expected. */
int formula_check(const char *text, struct err *err);
int condition_check(const char *text, struct err *err);
/* The same, and every path is one of a figure of `skeleton`, a result with every key; each
 * comparison has one. */
int condition_check_paths(const char *text, json_t *skeleton, struct err *err);

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
	char left[120];     /* the left side as it was written */
	char seen[80];      /* its figure */
	char wanted[100];   /* the operator and the right side's: "> 1,500" */
	char shown[320];    /* all of it: "totals.closes = 12 > 3", "... = 2, not > 3" */
	const char *reason; /* why the two cannot be compared; NULL if they can */
};
void condition_eval(const char *text, json_t *doc, struct condition *out);
/* An entry of a result's "expectations", new reference: {expr, ok, value, expected,
 * reason?}; value and expected are of the comparison that a struct condition shows. */
json_t *condition_answer(const char *text, json_t *doc, bool *ok);

#endif
