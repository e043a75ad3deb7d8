/* rng - a small seeded random generator (splitmix64), one per thread, for arrivals,
 * weighted mixes and random spreads: the same seed gives the same run.  Not for secrets. */
#ifndef TWSTORM_COMMON_BASE_RNG_H
#define TWSTORM_COMMON_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state;
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
/* Uniform in [0, bound); bound must be > 0. */
uint64_t rng_below(struct rng *r, uint64_t bound);
/* Uniform in (0, 1]: never zero, so its logarithm is finite. */
double rng_unit(struct rng *r);
/* Exponentially distributed with mean 1. */
double rng_exp(struct rng *r);

#endif
