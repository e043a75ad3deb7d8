/* seed - a number that those who write a text cannot know: so that they cannot choose keys that share a slot. */
#ifndef TWSTORM_BENCH_DOCTOR_SEED_H
#define TWSTORM_BENCH_DOCTOR_SEED_H

#include <stdint.h>

/* The same for the life of the process; for its main thread. */
uint64_t doctor_seed(void);

#endif
