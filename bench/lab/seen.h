/* seen - what the observed hosts of a run had, as `hosts` of its results. */
#ifndef TWSTORM_BENCH_LAB_SEEN_H
#define TWSTORM_BENCH_LAB_SEEN_H

#include <jansson.h>
#include "bench/scenario/plan.h"
#include "bench/stage/stage.h"

/* Of a run that is over; new reference, NULL where no host was observed or the word of them is not whole. */
json_t *seen_read(const struct plan *p, const struct stage *s);
/* Adds `hosts` to a client's result, if `seen` is not NULL, and its story, which has the hosts in it if it is the
 * first of the run: they are told of once. */
void seen_tell(const json_t *seen, bool first, json_t *result);
/* Adds `hosts` to a result in which nothing was measured yet. */
void seen_skeleton(const struct plan *p, json_t *result);

#endif
