/* container - from a member to the struct that it is embedded in. */
#ifndef TWSTORM_COMMON_BASE_CONTAINER_H
#define TWSTORM_COMMON_BASE_CONTAINER_H

#include <stddef.h>

/* A member of another type than *at does not compile. */
#define container_of(at, type, member)                                                   \
	((type *)((char *)(at)-offsetof(type, member) +                                  \
		  0 * sizeof((at) == &((type *)0)->member)))

#endif
