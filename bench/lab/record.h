/* record - what the lab adds to a result as `lab`: hosts, sysctls and command lines, so that
 * anyone can repeat it. */
#ifndef TWSTORM_BENCH_LAB_RECORD_H
#define TWSTORM_BENCH_LAB_RECORD_H

#include <jansson.h>
#include "bench/scenario/plan.h"
#include "bench/stage/stage.h"

#define RECORD_HOW 40

/* The process ended before the run was over, and not as it should: how, in `how`. */
bool record_ended_early(const struct plan *p, const struct stage *s, size_t proc,
			char how[RECORD_HOW]);
/* Adds to {NAME: result} what is known of the end of those that left none: ended_json(). */
void record_ends(const struct plan *p, const struct stage *s, json_t *parts);
/* New reference; `client` is whose result it goes into. */
json_t *record_json(const struct plan *p, const struct stage *s,
		    const struct plan_proc *client);

#endif
