/* figures - whether the figures of a stranger's result can be added: numbers, not negative, not huge.
 * Each function returns 0, or -EINVAL with a sentence that names the figure. */
#ifndef TWSTORM_BENCH_MERGE_FIGURES_H
#define TWSTORM_BENCH_MERGE_FIGURES_H

#include <jansson.h>
#include "common/base/err.h"

/* All that the table of rules has to add, of a client's result or of a server's. */
int figures_check(const json_t *result, struct err *err);
/* What the latencies tell beside their buckets. */
int figures_check_timers(const json_t *result, struct err *err);
/* A whole number from 0 to most at a key of o, which the sentence calls `name`. */
int figures_whole(const json_t *o, const char *key, json_int_t most, const char *name,
		  struct err *err);

#endif
