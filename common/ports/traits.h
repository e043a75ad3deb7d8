/* traits - what a run is like, as far as it decides about its ports. */
#ifndef TWSTORM_COMMON_PORTS_TRAITS_H
#define TWSTORM_COMMON_PORTS_TRAITS_H

#include <stdbool.h>
#include "common/ports/ports.h"

bool trait_closed_loop(const struct ports_facts *f);
/* Do some of its connections leave that behind? */
bool trait_leaves(const struct ports_facts *f, enum port_life life);
/* None leaves anything behind on the client. */
bool trait_leaves_nothing(const struct ports_facts *f);
/* ... nor is any held open, or kept in a pool. */
bool trait_keeps_nothing(const struct ports_facts *f);
/* Some of them are closed by both ends at one moment. */
bool trait_closes_together(const struct ports_facts *f);
/* A pool of which no connection retires. */
bool trait_pool_keeps(const struct ports_facts *f);
/* Which port bind() picks is chance, and it matters (lives_are_luck()). */
bool trait_is_luck(const struct ports_facts *f);

#endif
