/* no_port - connections of other programs that found no port, by the sockets that the kernel destroys: its
 * groups SKNLGRP_INET_TCP_DESTROY and INET6.  A socket with a peer's address and source port 0 is a connect()
 * that failed before it had a port.  Of IPv4 that is EADDRNOTAVAIL for lack of a port.  Of IPv6 seven other failures look
 * the same (no route, a tentative address, ...), so that they count only while all ports of that pair are in
 * use.  The event does not tell the peer's port (docs/kernel-facts.md#destroyed). */
#ifndef TWSTORM_BENCH_OBSERVE_NO_PORT_H
#define TWSTORM_BENCH_OBSERVE_NO_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/observe/ends.h"
#include "common/kernel/destroyed.h"

#define NO_PORT_ADDRESSES 64

struct no_port { /* zeroed, then no_port_open() */
	struct destroyed destroyed;
	struct no_port_peer {
		struct endpoint host; /* its port is 0 */
		bool exact;           /* an IPv4 socket */
		uint64_t waiting;     /* events since the last full dump */
		uint64_t first_ns;    /* of them */
		uint64_t unplaced;    /* events whose remote end will not be known */
	} peer[NO_PORT_ADDRESSES];
	unsigned n;
	uint64_t events; /* all that were read */
	uint64_t found;  /* of them: no port, whether their end is known or not */
	uint64_t others; /* of IPv6: failed otherwise */
	uint64_t lost;   /* that the kernel had no room for */
	uint64_t beyond; /* to addresses that there was no room for here */
};

/* For the network namespace the calling thread is in. */
int no_port_open(struct no_port *p, struct err *err);
void no_port_close(struct no_port *p);
int no_port_fd(const struct no_port *p);
/* Reads what has come, without waiting. */
void no_port_read(struct no_port *p);
/* After a full dump: whose ports they were.  Of several remote ends at an address it is the one whose ports are all in use, at
 * this dump or at the one before; where that is not one, it will never be known. */
void no_port_settle(struct no_port *p, struct ends *ends);
/* Events that are no remote end's: all; those to the address of that end, which may have been meant for it. */
uint64_t no_port_unplaced(const struct no_port *p);
uint64_t no_port_unplaced_at(const struct no_port *p, const struct endpoint *end);

#endif
