/* expect - the --expect options of a command: conditions (common/result/formula.h) that its result is to
 * meet. */
#ifndef TWSTORM_COMMON_RESULT_EXPECT_H
#define TWSTORM_COMMON_RESULT_EXPECT_H

#include <jansson.h>
#include "common/base/err.h"
#include "common/cli/opt.h"

/* All are conditions on figures of `skeleton`, a result with every key?  0 or -EINVAL with
 * EXIT_USAGE. */
int expect_check(const struct opt_texts *conditions, json_t *skeleton, struct err *err);
/* A result's "expectations" (docs/results.md), new reference; *failed is how many do not hold. */
json_t *expect_answer(const struct opt_texts *conditions, json_t *result,
		      unsigned *failed);

#endif
