/* own_ports - the source ports of --bind port, where this program chooses them and not the
 * kernel: LO-HI or the sysctl's range, without the reserved ones. */
#ifndef TWSTORM_COMMON_PORTS_OWN_PORTS_H
#define TWSTORM_COMMON_PORTS_OWN_PORTS_H

#include <stdint.h>
#include "common/base/err.h"

struct host_ports;

struct own_ports {
	uint16_t *at; /* owned: ascending; NULL = the kernel chooses */
	uint32_t n;
	uint16_t lo, hi; /* the range they are of */
};

/* lo-hi may be any ports, inside the sysctl's range or not: bind() takes any port. */
int own_ports_make(struct own_ports *p, const struct host_ports *host, unsigned lo,
		   unsigned hi, struct err *err);
void own_ports_done(struct own_ports *p);
/* Worker nth of so many has *n of them, from what is returned: nobody has the same. */
const uint16_t *own_ports_share(const struct own_ports *p, unsigned nth, unsigned workers,
				uint32_t *n);

#endif
