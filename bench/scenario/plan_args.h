/* plan_args - from a process's `args` to the whole command line that is run and printed:
 * placeholders filled in, and what the lab adds so that results can be had. */
#ifndef TWSTORM_BENCH_SCENARIO_PLAN_ARGS_H
#define TWSTORM_BENCH_SCENARIO_PLAN_ARGS_H

#include "bench/scenario/plan.h"

/* The text with its placeholders filled in, owned by the caller.  EXIT_USAGE with FILE:LINE. */
int plan_fill_in(const struct plan *p, const struct setting *s, const char *text,
		 char **out, struct err *err);
/* The same of a setting's whole value, as a text file: its last line ends as well. */
int plan_text(const struct plan *p, const struct setting *s, char **out, struct err *err);

/* Fills argv (and admin, stats) of every process.  EXIT_USAGE with FILE:LINE. */
int plan_args(struct plan *p, struct err *err);

#endif
