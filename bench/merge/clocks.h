/* clocks - when ranks began, and how far their clocks are off each other: each was held against the
 * clock of one server. */
#ifndef TWSTORM_BENCH_MERGE_CLOCKS_H
#define TWSTORM_BENCH_MERGE_CLOCKS_H

#include "bench/merge/gather.h"
#include "bench/merge/judge.h"

#define SKEW_WARN_MS 100
#define SKEW_FAIL_MS 1000

/* Fills in began_ms, ahead_us and ahead_error_us of the run's leaves. */
int clocks_compare(struct gather_run *run, struct err *err);
/* What of it is worth a sentence, and the keys skew, skew_ms, late_ms and clock_us of `merged`. */
void clocks_tell(const struct judge *j, const struct gather_run *run, json_t *merged);

#endif
