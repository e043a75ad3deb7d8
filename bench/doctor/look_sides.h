/* look_sides - which end of a connection this host has: by who listens, by the port range, and where neither tells, by how many
 * connections share either port. */
#ifndef TWSTORM_BENCH_DOCTOR_LOOK_SIDES_H
#define TWSTORM_BENCH_DOCTOR_LOOK_SIDES_H

#include "common/kernel/port.h"
#include "common/kernel/sock_diag.h"

struct look_sides {                /* zeroed */
	struct port_range range;   /* ip_local_port_range, or the default one */
	struct port_set listening; /* filled by the caller */
	/* Of connections with a port of this host on which nobody listens, and which is not in the range. */
	uint32_t by_local[65536], by_remote[65536];
};

/* Counts those connections: one dump more, of them alone.  0, or -errno. */
int look_sides_count(struct look_sides *s, struct sock_diag *diag, struct err *err);
/* Only such counts tell of it. */
bool look_sides_is_shared(const struct look_sides *s, const struct sock_diag_row *row);
bool look_sides_in_range(const struct look_sides *s, uint16_t port);
bool look_sides_is_client(const struct look_sides *s, const struct sock_diag_row *row);

#endif
