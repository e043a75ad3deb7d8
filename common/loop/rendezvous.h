/* rendezvous - lets both ends of a connection close at one moment without talking: the
 * moment is computed from the wall clock and the connection's client port, which both know.
 * A simultaneous close needs each FIN to leave before the other arrives, a window of some
 * microseconds on one machine, so for the last stretch the thread spins and does not sleep.
 * On two machines it is as good as their clocks agree.  Used by --close both alone. */
#ifndef TWSTORM_COMMON_LOOP_RENDEZVOUS_H
#define TWSTORM_COMMON_LOOP_RENDEZVOUS_H

#include <stdint.h>
#include <sys/queue.h>
#include "common/base/err.h"
#include "common/loop/watch.h"

struct loop;

struct rendezvous_node { /* embedded */
	TAILQ_ENTRY(rendezvous_node) link;
	uint64_t wall_ns; /* the moment; 0 = not waiting */
};

struct rendezvous {
	TAILQ_HEAD(rendezvous_head, rendezvous_node) waiting; /* by moment */
	void (*meet)(struct rendezvous_node *node);
	struct watch watch; /* embedded: on timer_fd */
	struct loop *loop;  /* borrowed */
	unsigned cpu;       /* where the thread is kept from the first join on */
	int timer_fd;       /* owned; -1 until the first join */
};

/* cpu: at the first join the thread is kept on that one of its CPUs (counted round), because
 * a spinning end keeps the other off a CPU that they share: even numbers for clients, odd
 * ones for servers. */
void rendezvous_init(struct rendezvous *r, struct loop *l, unsigned cpu,
		     void (*meet)(struct rendezvous_node *node));
void rendezvous_done(struct rendezvous *r);
/* meet(node) runs at the moment for this port, 2 to 10 ms ahead of wall_now_ns.
 * 0, or -errno where no timer could be made. */
int rendezvous_join(struct rendezvous *r, struct rendezvous_node *node,
		    uint16_t client_port, uint64_t wall_now_ns);
void rendezvous_leave(struct rendezvous *r, struct rendezvous_node *node);
/* The moment itself; pure. */
uint64_t rendezvous_moment(uint16_t client_port, uint64_t wall_now_ns);

#endif
