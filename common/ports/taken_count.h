/* taken_count - sums over what is taken at the start. */
#ifndef TWSTORM_COMMON_PORTS_TAKEN_COUNT_H
#define TWSTORM_COMMON_PORTS_TAKEN_COUNT_H

#include <stdbool.h>
#include <stdint.h>
#include "common/ports/taken.h"

/* Ports that no connection can have as long as a program keeps its socket, which listens or
 * is bound. */
uint64_t taken_nobodys(const struct taken *t);
/* Other ports of the pool that has most of them taken; or only of those that are taken as long as
 * a program wants. */
uint64_t taken_most(const struct taken *t, bool for_ever);

#endif
