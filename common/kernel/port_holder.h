/* port_holder - who has a port that bind(), listen() or connect() could not have: asked of the
 * kernel once that has failed. */
#ifndef TWSTORM_COMMON_KERNEL_PORT_HOLDER_H
#define TWSTORM_COMMON_KERNEL_PORT_HOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/addr.h"

struct port_holder {
	unsigned connections, others; /* others: they listen, or are only bound */
	struct addr local, remote;    /* of the first; remote port 0 = it has none */
	uint32_t expires_ms;          /* of its timer */
	uint8_t state;                /* enum tcp_state_no */
};

/* Finds the sockets that keep bind() from `at`; or, unless `to` is NULL, connect() from there to
 * it.  v6only: our socket is of IPv6 alone.  0, or -errno where this kernel lists no sockets. */
int port_holder_find(const struct addr *at, const struct addr *to, bool v6only,
		     struct port_holder *out, struct err *err);
/* Where nobody listens at the address, and no socket is merely bound to it, but connections have
 * its port: puts the first of them behind the sentence that is in err (may be NULL).  An outgoing
 * connection stops even a listener with SO_REUSEADDR, as it has none itself. */
void port_holder_tell(const struct addr *at, struct err *err);

#endif
