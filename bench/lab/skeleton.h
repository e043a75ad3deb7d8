/* skeleton - what can be said of a run's document before it runs: which figures it will have.  So a
 * misspelt path, or option of a client, is a mistake of the file, not of the run. */
#ifndef TWSTORM_BENCH_LAB_SKELETON_H
#define TWSTORM_BENCH_LAB_SKELETON_H

#include <jansson.h>
#include "bench/scenario/plan.h"

/* Every path in [expect] and in the rules is one of a figure?  EXIT_USAGE with FILE:LINE.  *base is
 * what is known of the baseline, kept from one variant to the next: NULL at first, to be released. */
int skeleton_check(const struct plan *p, json_t **base, struct err *err);
/* Do clients, servers and probes of all variants know their options, and the values?  EXIT_USAGE with
 * FILE:LINE and the program's own sentence. */
int skeleton_check_args(const struct scenario *sc, struct err *err);

#endif
