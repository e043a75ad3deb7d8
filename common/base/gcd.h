/* gcd - the greatest common divisor, for shares and rounds that must come out even. */
#ifndef TWSTORM_COMMON_BASE_GCD_H
#define TWSTORM_COMMON_BASE_GCD_H

#include <stdint.h>

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
