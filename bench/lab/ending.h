/* ending - what stands behind the sentence that a process failed: when it ended, and the last
 * that it said. */
#ifndef TWSTORM_BENCH_LAB_ENDING_H
#define TWSTORM_BENCH_LAB_ENDING_H

#include <stdio.h>
#include "bench/stage/stage.h"

/* " (SIGKILL, 0.7 s into the run)" where it ended by itself, and the line's end; then the last lines
 * of a [process], of which nothing was shown before.  The run begins when the hosts are there. */
void ending_tell(FILE *to, const struct stage *s, const struct stage_proc *end);

#endif
