/* near - how far a typed name is from a known one. */
#ifndef TWSTORM_COMMON_BASE_NEAR_H
#define TWSTORM_COMMON_BASE_NEAR_H

/* How many letters to insert, drop, replace or swap to make one of the other; UINT_MAX if
 * `known` has more than 255. */
unsigned near_distance(const char *typed, const char *known);

#endif
