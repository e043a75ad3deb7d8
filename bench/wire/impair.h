/* impair - what a cable does to frames: delay, loss, order, a rate.  Pure: reads no clock, and the same seed decides the
 * same. */
#ifndef TWSTORM_BENCH_WIRE_IMPAIR_H
#define TWSTORM_BENCH_WIRE_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/wire/drops.h"
#include "common/base/err.h"
#include "common/base/rng.h"

struct impair {
	uint64_t delay_ns;               /* each way */
	double loss, duplicate, reorder; /* of each frame: the probability, 0 to 1 */
	double bits_per_s;               /* each way; 0 = no limit */
	struct drops_rules drop;
	uint64_t seed; /* of chance */
};

/* delay = 10ms; loss, duplicate, reorder = 1%; rate = 10mbit; drop = RULE; RULE; seed = N; "" takes it back.  -EINVAL with
 * EXIT_USAGE. */
int impair_set(struct impair *i, const char *key, const char *value, struct err *err);
/* Something is to be done to frames: a seed alone does nothing. */
bool impair_is_set(const struct impair *i);
/* 0, or -EINVAL with EXIT_USAGE: what is asked for cannot happen. */
int impair_check(const struct impair *i, struct err *err);

/* One direction. */
struct impaired {
	struct impair by;
	struct rng rng;
	uint64_t free_ns; /* the last frame has left it by then */
};

void impaired_init(struct impaired *d, const struct impair *by, uint64_t seed);

struct impair_verdict {
	unsigned copies; /* 0 = it is lost */
	bool ahead;      /* it is not delayed, and overtakes those that are */
	uint64_t due_ns;
};
/* Of a frame of so many bytes that comes at now_ns.  by_chance: else it is only late, by delay and rate. */
struct impair_verdict impaired_judge(struct impaired *d, size_t len, bool by_chance,
				     uint64_t now_ns);

#endif
