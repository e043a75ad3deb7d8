/* end - one end of what is held: a network namespace, an address in it, the port that is
 * tried next, and the sockets that must stay open.  Ports are bound by number, one after the
 * other, so neither ip_local_port_range nor what is reserved in it matters. */
#ifndef TWSTORM_BENCH_HOLD_END_H
#define TWSTORM_BENCH_HOLD_END_H

#include <stddef.h>
#include <stdint.h>
#include "common/kernel/addr.h"
#include "common/base/err.h"

#define HOLD_PORT_FIRST 1024 /* below, a privilege is needed */
#define HOLD_PORTS      (65536 - HOLD_PORT_FIRST)

struct hold_end {
	int netns;           /* owned; -1 = none */
	struct addr address; /* port 0 */
	uint16_t port;       /* tried next */
	int *kept;           /* owned, with the descriptors in it */
	size_t n_kept, room;
};

void hold_end_done(struct hold_end *e); /* resets what is kept */
/* Moves the calling thread to that end. */
int hold_end_enter(const struct hold_end *e, struct err *err);
/* Fills fd[] with non-blocking sockets of the namespace the thread is in. */
int hold_end_sockets(const struct hold_end *e, int *fd, unsigned n, struct err *err);
/* Binds it to `at` (whose port is set) and the next free port. */
int hold_end_bind(struct hold_end *e, int fd, struct addr *at, struct err *err);
/* Room for n in all, once, so that hold_end_keep_fd() cannot fail. */
int hold_end_reserve(struct hold_end *e, size_t n, struct err *err);
void hold_end_keep_fd(struct hold_end *e, int fd);

/* Closes *fd by a RST, not a FIN, and makes it -1; nothing happens to -1. */
void hold_reset(int *fd);

#endif
