/* port - ranges of ports as typed or as the kernel prints them, and sets of ports. */
#ifndef TWSTORM_COMMON_KERNEL_PORT_H
#define TWSTORM_COMMON_KERNEL_PORT_H

#include <stdbool.h>
#include <stdint.h>

struct port_range {
	uint16_t lo, hi; /* both belong to it */
};

/* A number up to 65535, without sign or blanks: what follows it, NULL if it is not there. */
const char *port_scan(const char *text, uint16_t *out);
/* "9000" or "9000-9007", of which hi may be less than lo: what follows, or NULL. */
const char *port_range_scan(const char *text, struct port_range *out);

struct port_set {
	uint64_t bits[1024];
};

static inline bool port_set_has(const struct port_set *s, uint16_t port)
{
	return s->bits[port / 64] >> (port % 64) & 1;
}

static inline void port_set_add(struct port_set *s, uint16_t port)
{
	s->bits[port / 64] |= 1ull << (port % 64);
}

static inline void port_set_add_range(struct port_set *s, struct port_range r)
{
	for (unsigned port = r.lo; port <= r.hi; port++)
		port_set_add(s, (uint16_t)port);
}

#endif
