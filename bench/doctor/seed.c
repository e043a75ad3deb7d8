#include "bench/doctor/seed.h"

#include <sys/random.h>

uint64_t doctor_seed(void)
{
	static uint64_t seed;

	if (!seed && getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = 1;
	seed |= 1;
	return seed;
}
