/* collision - who has the port of our own choice that could not be had: looked up once, when the
 * first is met.  One per worker; asks sock_diag, which takes a walk over all sockets, and on no
 * other occasion. */
#ifndef TWSTORM_CLIENT_COLLISION_H
#define TWSTORM_CLIENT_COLLISION_H

#include <jansson.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/port_holder.h"

struct client_record;

struct collision {
	uint64_t at_ns; /* 0 = there was none */
	struct port_holder by;
	struct err why; /* text: why that is not known; empty = it is */
	uint16_t port;
};

/* bind() to `from`, or connect() from there to `to`, met another socket; only the first is kept. */
void collision_note(struct collision *c, const struct addr *from, const struct addr *to,
		    uint64_t now_ns);
/* ports.collision of a result, of the worker that met one first, and its reason. */
void collision_report(json_t *ports, const struct client_record *run);

#endif
