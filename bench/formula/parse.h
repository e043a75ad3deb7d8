/* parse - what formula.c and condition.c share: one pass over a text, which looks figures up
 * as it goes. */
#ifndef TWSTORM_BENCH_FORMULA_PARSE_H
#define TWSTORM_BENCH_FORMULA_PARSE_H

#include <jansson.h>
#include <stdbool.h>
#include "bench/formula/formula.h"
#include "common/err.h"

enum kind { UNKNOWN, NUMBER, TEXT, NOTHING /* the word null */ };

struct value {
	enum kind kind;
	double n;
	const char *text; /* borrowed from the result */
};

/* One pass over the text; with no document it only checks. */
struct parse {
	const char *at;
	json_t *doc;
	formula_path_fn *each; /* is told of every path; or NULL */
	void *arg;
	bool found; /* by it */
	struct err *err;
	unsigned depth; /* of parentheses */
	bool failed;
};

/* "expected WHAT at '...'": the first fault stays, the pass is over; returns what is unknown. */
struct value parse_fail(struct parse *p, const char *expected);
/* Steps over blanks: the character that is next. */
char parse_peek(struct parse *p);
/* FORMULA, from its first character to the last that can be of it. */
struct value parse_sum(struct parse *p);

#endif
