/* expect - assertions on a result: 'PATH OP VALUE'.
 *
 *   PATH   a dotted path of the result, as in ports.first_exhausted_s
 *   OP     ==  !=  <  <=  >  >=, or ~ for "within a percentage of"
 *   VALUE  a number, true, false, null, a word, or another PATH; after ~ also N%
 *
 *   totals.connects_ok == 100
 *   ports.first_exhausted_s ~ ports.predicted_exhaustion_s 10%
 *
 * A path under errors.* that is absent counts as 0: that error never happened. */
#ifndef TWSTORM_COMMON_EXPECT_H
#define TWSTORM_COMMON_EXPECT_H

#include <jansson.h>
#include <stdbool.h>
#include "common/err.h"

enum expect_op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_NEAR };

struct expect {
	char text[256]; /* as it was given */
	char path[128];
	char value[128]; /* a literal or a path; decided when it is looked at */
	enum expect_op op;
	double percent; /* of OP_NEAR */
};

/* 0 or -EINVAL with EXIT_USAGE and what was expected. */
int expect_parse(const char *text, struct expect *out, struct err *err);
/* Its paths exist in `skeleton`, a result with every key?  0 or -EINVAL with EXIT_USAGE. */
int expect_check(const struct expect *e, json_t *skeleton, struct err *err);
/* {expr, ok, value, expected, reason?}, new reference.  *ok is also stored. */
json_t *expect_eval(const struct expect *e, json_t *result, bool *ok);

#endif
