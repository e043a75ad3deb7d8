/* look_sockets - the sockets of a live look, by sock_diag: some looks at those that are alive, which tell whose they are, then
 * one at all of them.  Sockets that differ in nothing that is told are merged while they are dumped, so that the memory does not
 * grow with TIME_WAIT. */
#ifndef TWSTORM_BENCH_DOCTOR_LOOK_SOCKETS_H
#define TWSTORM_BENCH_DOCTOR_LOOK_SOCKETS_H

#include "bench/doctor/alive.h"
#include "bench/doctor/crowd.h"
#include "bench/doctor/look_sides.h"
#include "bench/doctor/reading.h"
#include "common/kernel/host.h"
#include "common/kernel/sock_diag.h"

struct look_sockets {                   /* zeroed, then look_sockets_open() */
	struct reading *read;           /* borrowed */
	const struct host_ports *ports; /* borrowed; NULL = not known */
	struct sock_diag *diag;         /* owned; NULL = the kernel has none for us */
	struct alive alive;             /* owned */
	struct look_sides *sides;       /* owned */
	struct crowd crowd;             /* owned; empty unless read->crowded */
	struct port_set bound; /* ports of the range that connect() passes over */
	uint64_t looks;
	uint64_t begin_ns, clock_ns,
		cost_ns; /* of the look that is under way, of the last */
	uint64_t rows;
	uint64_t owners,
		cgroups; /* rows that have an owner, and those that tell its cgroup */
	bool bound_asked, bound_seen; /* sockets that are bound and no more */
	uint64_t counted[TCP_STATE_MAX];
	unsigned last_holder;
	bool counts; /* ends of connections in the first look, since there are many */
	bool shares_counted;
	int64_t fin_timeout_ms; /* of FIN_WAIT2 that no program has */
};

/* Where there is no sock_diag, read->method_why says why, and the others do nothing.  0, or -ENOMEM. */
int look_sockets_open(struct look_sockets *l, struct err *err);
/* Who listens, and which ports are only bound; then who is alive. */
int look_sockets_alive(struct look_sockets *l, struct err *err);
/* Who listens by now. */
int look_sockets_ports(struct look_sockets *l, struct err *err);
/* All of them, into the reading. */
int look_sockets_all(struct look_sockets *l, struct err *err);
void look_sockets_close(struct look_sockets *l);

#endif
