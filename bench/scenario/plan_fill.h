/* plan_fill - what stands in a scenario for something else: {HOST}, {tmp}, a process's {KEY}; and
 * the files that are made of texts with them, or are read from beside the scenario. */
#ifndef TWSTORM_BENCH_SCENARIO_PLAN_FILL_H
#define TWSTORM_BENCH_SCENARIO_PLAN_FILL_H

#include "bench/scenario/plan.h"

/* The text with its placeholders filled in, heap; s: the setting that has it.  EXIT_USAGE with
 * FILE:LINE, and *out is NULL. */
int plan_fill(const struct plan *p, struct plan_proc *proc, const struct setting *s,
	      const char *word, char **out, struct err *err);
/* The same of a setting's whole value, as a text file: its last line ends as well.  Of KEY < PATH the file's
 * bytes, with the {HOST} that there are filled in. */
int plan_text(const struct plan *p, const struct setting *s, char **out, struct err *err);
/* The files of a process. */
int plan_fill_files(const struct plan *p, struct plan_proc *proc, struct err *err);
/* Once all is filled in: whether each set of the process was used. */
int plan_check_sets(const struct plan *p, const struct plan_proc *proc, struct err *err);

#endif
