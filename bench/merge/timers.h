/* timers - the latencies of all ranks: their buckets are added, and what the buckets do not tell. */
#ifndef TWSTORM_BENCH_MERGE_TIMERS_H
#define TWSTORM_BENCH_MERGE_TIMERS_H

#include "bench/merge/gather.h"

struct timers {
	int64_t sum_ns[GATHER_TIMERS], count[GATHER_TIMERS], overflow[GATHER_TIMERS];
	double min_us[GATHER_TIMERS], max_us[GATHER_TIMERS];
	bool too_large; /* a sum has no place */
};

/* The next rank's result. */
void timers_add(struct timers *sum, const json_t *result);
/* All are in: `latency_us`, new reference; NULL with a sentence. */
json_t *timers_json(const struct timers *sum, const struct gather_run *run,
		    struct err *err);

#endif
