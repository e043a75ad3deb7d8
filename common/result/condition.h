/* condition - formulas compared, the comparisons joined by `and` and `or`: see formula.h. */
#ifndef TWSTORM_COMMON_RESULT_CONDITION_H
#define TWSTORM_COMMON_RESULT_CONDITION_H

#include <jansson.h>
#include <stdbool.h>
#include "common/base/err.h"
#include "common/cli/opt.h"
#include "common/result/formula_path.h"

/* Syntax only, as formula_check(). */
int condition_check(const char *text, struct err *err);
/* The same, and every path is one of a figure of `skeleton`, a result with every key; each
 * comparison has one. */
int condition_check_paths(const char *text, json_t *skeleton, struct err *err);

/* Tells each() of every path in a formula or condition; whether it said true of one. */
bool condition_any_path(const char *text, formula_path_fn *each, void *arg);

struct condition {
	bool holds;
	bool known; /* every figure in it was measured */
	/* Its first comparison that does not hold, or else its first: */
	char left[120];     /* the left side, its paths in words */
	char seen[80];      /* its figure */
	char wanted[100];   /* the operator and the right side's: "> 1,500" */
	char shown[320];    /* all of it: "transactions = 12 > 3", "... = 2, not > 3" */
	const char *reason; /* why the two cannot be compared; NULL if they can */
};
void condition_eval(const char *text, json_t *doc, struct condition *out);
/* An entry of a result's "expectations", new reference: {expr, ok, value, expected,
 * reason?}; value and expected are of the comparison that a struct condition shows. */
json_t *condition_answer(const char *text, json_t *doc, bool *ok);

/* The --expect options of a command: conditions that its result is to meet. */
/* All are conditions on figures of `skeleton`, a result with every key?  0 or -EINVAL with
 * EXIT_USAGE. */
int expect_check(const struct opt_texts *conditions, json_t *skeleton, struct err *err);
/* A result's "expectations" (docs/results.md), new reference; *failed is how many do not hold. */
json_t *expect_answer(const struct opt_texts *conditions, json_t *result,
		      unsigned *failed);
/* One of these answers is that a condition holds, and it has a path of which is() is true. */
bool expect_holds_of(const json_t *answers, formula_path_fn *is, void *arg);
/* The same of `complete` and `error`: that the result is incomplete was expected. */
bool expect_names_failure(const json_t *answers);
bool condition_is_of_failure(const char *path);

#endif
