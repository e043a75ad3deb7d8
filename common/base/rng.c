#include "common/base/rng.h"

#include <math.h>

void rng_seed(struct rng *r, uint64_t seed)
{
	r->state = seed;
}

/* splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014;
 * constants of Stafford's variant 13): neighbouring seeds give unrelated sequences. */
uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* The high word of next * bound; the few low words that would make some results likelier
 * than others are drawn again (Lemire: "Fast random integer generation", 2019). */
uint64_t rng_below(struct rng *r, uint64_t bound)
{
	uint64_t unfair = -bound % bound; /* 2^64 mod bound */
	unsigned __int128 product;

	do {
		product = (unsigned __int128)rng_next(r) * bound;
	} while ((uint64_t)product < unfair);
	return (uint64_t)(product >> 64);
}

double rng_unit(struct rng *r)
{
	return (double)((rng_next(r) >> 11) + 1) * 0x1p-53;
}

double rng_exp(struct rng *r)
{
	return -log(rng_unit(r));
}
