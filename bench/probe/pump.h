/* pump - bulk data both ways at once. */
#ifndef TWSTORM_BENCH_PROBE_PUMP_H
#define TWSTORM_BENCH_PROBE_PUMP_H

#include <stdint.h>
#include "common/base/err.h"

struct probe_run;

/* Moves so many bytes each way at once, all of them read, by the deadline or -ETIMEDOUT. */
int probe_pump(struct probe_run *run, int a, int b, uint64_t a_to_b, uint64_t b_to_a,
	       uint64_t deadline_ns, struct err *err);

#endif
