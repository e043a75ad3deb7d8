/* keeper - what goes on inside a lab's cell: builds the hosts, starts each process when its
 * cue comes, tells it to end when that comes, and reports.  It runs as process 1 of the
 * cell's PID namespace (cell.h). */
#ifndef TWSTORM_BENCH_STAGE_KEEPER_H
#define TWSTORM_BENCH_STAGE_KEEPER_H

#include "bench/stage/cell.h"
#include "bench/stage/stage.h"

/* Plays the plan of a struct stage and fills its report, which is shared memory.  The keeper's
 * exit code. */
int keeper_play(const struct cell_inside *inside, void *stage);

#endif
