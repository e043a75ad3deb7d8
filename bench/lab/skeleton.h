/* skeleton - what can be said of a run's document before it runs: which figures it will have.  So a
 * misspelt path is a mistake of the file, not of the run. */
#ifndef TWSTORM_BENCH_LAB_SKELETON_H
#define TWSTORM_BENCH_LAB_SKELETON_H

#include <jansson.h>
#include "bench/scenario/plan.h"

/* Every path in [expect] and in the rules is one of a figure?  EXIT_USAGE with FILE:LINE.  *base is
 * what is known of the baseline, kept from one variant to the next: NULL at first, to be released. */
int skeleton_check(const struct plan *p, json_t **base, struct err *err);

#endif
