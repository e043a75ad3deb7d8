/* fold - the figures of many ranks become those of one result, by the table of rules. */
#ifndef TWSTORM_BENCH_MERGE_FOLD_H
#define TWSTORM_BENCH_MERGE_FOLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "bench/merge/leaf.h"

struct fold;

/* lead: the rank that figures of one rank are of (MERGE_LEAD); borrowed, as is all below.  began_ms: of
 * the first rank. */
struct fold *fold_new(const struct leaf *lead, int64_t began_ms);
/* The next rank's result. */
void fold_add(struct fold *f, const struct leaf *l, const json_t *result);
/* All are in: the result as far as it comes from rules; new reference.  *missing becomes a list
 * [{path, rank, ranks}] of what is null since a rank has not measured it: the first that has not, and
 * how many.  Frees f.  NULL, with a sentence: a sum is too large for its place. */
json_t *fold_end(struct fold *f, json_t **missing, unsigned *spaces, struct err *err);
void fold_free(struct fold *f);

#endif
