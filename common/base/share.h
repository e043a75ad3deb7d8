/* share - a whole divided among ranks, workers or rounds, which must come out even. */
#ifndef TWSTORM_COMMON_BASE_SHARE_H
#define TWSTORM_COMMON_BASE_SHARE_H

#include <stdint.h>

/* Part `nth` of `parts` of a whole: parts differ by one at most and add up to it. */
static inline uint64_t share_of(uint64_t whole, unsigned nth, unsigned parts)
{
	return whole / parts + (nth < whole % parts);
}

/* The greatest common divisor. */
static inline uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

#endif
