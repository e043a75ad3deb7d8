/* outliers - a row of figures for each rank, and which ranks differ from the others in one of them. */
#ifndef TWSTORM_BENCH_MERGE_OUTLIERS_H
#define TWSTORM_BENCH_MERGE_OUTLIERS_H

#include "bench/merge/judge.h"

/* A row of `merged.table`, new reference; first_ms: when the first rank began. */
json_t *outliers_row(const struct leaf *l, const json_t *result, int64_t first_ms);
/* `merged.outliers` of j->table, new reference; a warning for each as well. */
json_t *outliers_find(const struct judge *j);

#endif
