/* names - what the files of a series are called: none is written over another. */
#ifndef TWSTORM_BENCH_LAB_NAMES_H
#define TWSTORM_BENCH_LAB_NAMES_H

#include <jansson.h>
#include "bench/scenario/plan.h"

/* Adds those of one variant to the set of names; EXIT_USAGE with FILE:LINE if one is there. */
int names_check(const struct plan *p, json_t *names, struct err *err);

#endif
