/* pair - the two ends of the connection that is traced: whose segments they are, and what sock_diag has of them. */
#ifndef TWSTORM_BENCH_WIRE_PAIR_H
#define TWSTORM_BENCH_WIRE_PAIR_H

#include "bench/wire/wire.h"

struct sock_diag;

#define PAIR_SYNS 64 /* the last of other connections: a SYN may come again */

struct pair {
	struct sock_diag *diag[ENDS]; /* owned */
	bool known;                   /* which connection it is */
	int family;
	unsigned char address[ENDS][16];
	uint16_t port[ENDS];
	bool had_socket[ENDS];
	struct segment syn[PAIR_SYNS];
	unsigned n_syns;
};

/* By descriptors of the hosts' network namespaces; leaves the calling thread in the second. */
int pair_open(struct pair *p, const int host[ENDS], struct err *err);
/* Whether the segment is of this connection, which is that of the first SYN, or of those that have the same addresses and
 * ports after it. */
bool pair_has(struct pair *p, enum end from, const struct segment *seg);
/* Of a segment of another connection: it begins with that, by a SYN which is not one of the last ones again. */
bool pair_other_begins(struct pair *p, const struct segment *seg);
/* One of the same addresses and ports begins. */
void pair_again(struct pair *p);
/* What an end has now.  A listener is what it is before it has a socket for the connection. */
void pair_look(struct pair *p, enum end e, struct wire_end *out);

#endif
