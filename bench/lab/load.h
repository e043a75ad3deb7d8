/* load - the result of a process that counts, somebody else's load: "twstorm.process/1". */
#ifndef TWSTORM_BENCH_LAB_LOAD_H
#define TWSTORM_BENCH_LAB_LOAD_H

#include <jansson.h>
#include <stdbool.h>
#include "bench/stage/stage.h"

/* New reference; `proc` has ended. */
json_t *load_json(const struct stage *s, size_t proc);
/* Of a process that is about to begin, for the page of what goes on; new reference. */
json_t *load_running(const struct plan *p, const struct plan_proc *proc);
/* The same with nothing known, to check paths by. */
json_t *load_skeleton(const struct plan_proc *proc);
bool load_is(const json_t *result);

#endif
