/* series - what all ranks had, second by second of the clock. */
#ifndef TWSTORM_BENCH_MERGE_SERIES_H
#define TWSTORM_BENCH_MERGE_SERIES_H

#include "bench/merge/gather.h"

/* Sets `series` of the whole, which began at first_ms, from the seconds of its ranks; where ranks are of
 * several namespaces also states.SIDE.peak, and ports.peak_in_use, by it. */
int series_set(json_t *whole, const struct gather_run *run, int64_t first_ms,
	       struct err *err);

#endif
