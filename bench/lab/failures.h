/* failures - what of a run went wrong: said, kept as the reason, and turned into an exit code,
 * unless it was to be expected. */
#ifndef TWSTORM_BENCH_LAB_FAILURES_H
#define TWSTORM_BENCH_LAB_FAILURES_H

#include "bench/lab/running.h"

/* On stderr; the first is the reason for the run's verdict.  end: of the process that is to blame;
 * NULL = none is. */
void failures_say(struct run *run, const struct stage_proc *end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The exit code that the end of a client or probe means for the lab; `result` may be NULL. */
int failures_of_end(struct run *run, const struct plan_proc *proc,
		    const struct stage_proc *end, json_t *result);
/* The same of a process that counts. */
int failures_of_load(struct run *run, const struct plan_proc *proc,
		     const struct stage_proc *end, json_t *result);
int failures_left_nothing(struct run *run, const struct plan_proc *proc,
			  const struct stage_proc *end);
/* Servers and other processes that ended before their time. */
void failures_check_others(struct run *run);
void failures_say_stubborn(const struct run *run);
/* What failed and was not to be expected: by [expect] or [compare], by a rule of [verdict] that
 * holds, or by the verdict that is wanted.  compared: the rows of [compare].  What the rules of
 * [verdict] speak of is no failure of the run any more. */
int failures_code(struct run *run, const json_t *compared);

#endif
