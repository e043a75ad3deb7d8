/* look_processes - the descriptors of every process of a network namespace that /proc shows, and their limits. */
#ifndef TWSTORM_BENCH_DOCTOR_LOOK_PROCESSES_H
#define TWSTORM_BENCH_DOCTOR_LOOK_PROCESSES_H

#include "bench/doctor/reading.h"

/* Sets those of the process that is nearest to its limit, of those in the namespace that `root`/net shows; nothing where they
 * cannot be read. */
/* Does the kernel tell how many descriptors a process has? */
bool look_sees_descriptors(void);
void look_at_processes(struct reading *r, const char *root);

#endif
