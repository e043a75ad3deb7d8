/* formula_parse - what formula.c and condition.c share: one pass over a text, which looks figures
 * up as it goes. */
#ifndef TWSTORM_COMMON_RESULT_FORMULA_PARSE_H
#define TWSTORM_COMMON_RESULT_FORMULA_PARSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "common/base/err.h"
#include "common/result/formula_path.h"

enum kind { UNKNOWN, NUMBER, TEXT, NOTHING /* the word null */ };

struct value {
	enum kind kind;
	bool truth; /* of a NUMBER: was true or false */
	double n;
	double unit;      /* seconds in 1 of n, if n is a duration; else 0 */
	bool typed;       /* the unit was written, so the other side must have one */
	const char *text; /* borrowed, of text_len bytes: from the result, or a word */
	size_t text_len;
};

/* One pass over the text; with no document it only checks. */
struct parse {
	const char *at;
	json_t *doc;
	formula_path_fn *each; /* is told of every path; or NULL */
	void *arg;
	bool found; /* by it */
	struct err *err;
	unsigned depth;   /* of parentheses */
	unsigned n_paths; /* so far */
	bool word;        /* here a name without a dot may be a word */
	bool failed;
};

/* "expected WHAT at '...'": the first fault stays, the pass is over; returns what is unknown. */
struct value parse_fail(struct parse *p, const char *expected);
/* Steps over blanks: the character that is next. */
char parse_peek(struct parse *p);
/* FORMULA, from its first character to the last that can be of it. */
struct value parse_sum(struct parse *p);
/* *b in the unit of a.  False if one is a duration that was written as such, the other none. */
bool parse_same_unit(struct value *a, struct value *b);

#endif
