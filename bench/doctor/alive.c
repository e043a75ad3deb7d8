#include "bench/doctor/alive.h"

#include <stdlib.h>

#define PLACES (2 * ALIVE_MAX)

int alive_init(struct alive *a, struct err *err)
{
	a->n = 0;
	a->at = calloc(PLACES, sizeof(*a->at));
	return a->at ? 0 : err_memory(err);
}

void alive_done(struct alive *a)
{
	free(a->at);
	a->at = NULL;
}

/* Cookies are a counter, of each CPU its own share. */
static struct alive_socket *place_of(const struct alive *a, uint64_t cookie)
{
	size_t at = (size_t)(cookie * 0x9e3779b97f4a7c15ull >> 40) % PLACES;

	while (a->at[at].cookie && a->at[at].cookie != cookie)
		at = (at + 1) % PLACES;
	return &a->at[at];
}

struct alive_socket *alive_add(struct alive *a, uint64_t cookie)
{
	struct alive_socket *place = place_of(a, cookie);

	if (!cookie || (!place->cookie && a->n == ALIVE_MAX))
		return NULL;
	a->n += !place->cookie;
	place->cookie = cookie;
	return place;
}

const struct alive_socket *alive_find(const struct alive *a, uint64_t cookie)
{
	const struct alive_socket *place = place_of(a, cookie);

	return cookie && place->cookie ? place : NULL;
}
