/* load - what carrying costs: CPU time and frames, and both in the busiest 100 ms. */
#ifndef TWSTORM_BENCH_WIRE_LOAD_H
#define TWSTORM_BENCH_WIRE_LOAD_H

#include "bench/wire/wire.h"

struct load {
	struct wire_load now; /* frames: whoever takes them counts them here */
	uint64_t since_ns, since_cpu_ns, since_frames; /* of this 100 ms */
};

void load_begin(struct load *l, uint64_t now_ns);
/* Of the thread that carries. */
void load_turn(struct load *l, uint64_t now_ns);
/* When it wants its next turn: 100 ms in which frames came end in time.  UINT64_MAX = it wants none. */
uint64_t load_next_ns(const struct load *l);
/* A run of less than 100 ms is its own busiest time. */
void load_end(struct load *l, uint64_t now_ns);

#endif
