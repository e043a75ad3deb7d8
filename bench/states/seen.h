/* seen - the connections that a program's sockets were seen to be: by their ends, so that each is known again when it has no
 * descriptor any more, as in TIME_WAIT. */
#ifndef TWSTORM_BENCH_STATES_SEEN_H
#define TWSTORM_BENCH_STATES_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/sides.h"
#include "common/kernel/sock_diag.h"

#define SEEN_ENDS 64        /* the others are summed */
#define SEEN_MOST (1 << 20) /* connections */

/* All connections of the program to one remote end, or accepted at one of its ports. */
struct seen_end {
	struct endpoint at; /* the remote end; accepted: port alone */
	bool accepted, others;
	uint64_t connections;
	struct tcp_states now, peak;
	uint64_t
		time_wait_of_all; /* on this host, at the newest full look; of remote ends */
};

struct seen_connection;

struct seen {
	struct seen_connection *at; /* owned: a hash table */
	size_t n, room;
	struct seen_end end[SEEN_ENDS + 1];
	unsigned n_ends;
	struct port_set listens; /* ports that the program listens on */
	uint64_t beyond;         /* sockets that there was no room for */
};

int seen_init(struct seen *s, struct err *err);
void seen_done(struct seen *s);
/* Before the rows of one look; after them. */
void seen_begin(struct seen *s);
void seen_end_look(struct seen *s);
/* Connections of the program that are on their way to an end, at the newest look: FIN_WAIT1, FIN_WAIT2, CLOSING, LAST_ACK. */
uint64_t seen_ending(const struct seen *s);
/* A socket that the program has open (own: its inode is not 0), or perhaps once had.  -ENOMEM. */
int seen_row(struct seen *s, const struct sock_diag_row *row, bool own, struct err *err);

#endif
