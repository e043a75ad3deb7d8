/* pump - bulk data both ways at once. */
#ifndef TWSTORM_BENCH_PROBE_PUMP_H
#define TWSTORM_BENCH_PROBE_PUMP_H

#include "bench/probe/probe_kit.h"

/* Moves so many bytes each way at once; the run fails unless all of them are read within
 * timeout_ns. */
void probe_pump(struct probe_run *run, const struct probe_pair *p, uint64_t to_server,
		uint64_t to_client, uint64_t timeout_ns);

#endif
