/* seconds - the series of a rank by whole seconds of the clock on the wall, so that the series of
 * several ranks can be laid over each other: rows of integers. */
#ifndef TWSTORM_BENCH_MERGE_SECONDS_H
#define TWSTORM_BENCH_MERGE_SECONDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define SECONDS_ROWS 300 /* of a rank, at most: a longer run has every 2nd second, ... */

/* {"step": 1, "columns": ["t", "connects_ok", ...], "rows": [[EPOCH, ...], ...]} of a result whose
 * first moment is started_ms: the last of its rows in each step.  "client" and "server" are 1 where
 * that side was counted; "client.TIME_WAIT" is how many, 0 where it is not among the columns.  New
 * reference. */
json_t *seconds_of(const json_t *series, int64_t started_ms);
/* Whether a stranger's seconds are of that form; then which they are of (lo > hi: of none). */
bool seconds_range(const json_t *seconds, int64_t *lo, int64_t *hi, int64_t *step);

#endif
