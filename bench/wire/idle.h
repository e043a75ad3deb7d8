/* idle - whether the programs of both hosts have done what they do next: all of them sleep. */
#ifndef TWSTORM_BENCH_WIRE_IDLE_H
#define TWSTORM_BENCH_WIRE_IDLE_H

#include <stdint.h>

/* Waits until every other task of this PID namespace sleeps, for_ns at most.  Not at all where /proc is another
 * namespace's. */
void idle_wait(uint64_t for_ns);

#endif
