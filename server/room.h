/* room - who has to go when no place is left: neither --max-connections nor a descriptor.  One
 * address may hold all places, as a storm of ours does.  But when another address waits in
 * the accept queue, and one holds more than half of this worker's places, that one's oldest
 * connections are ended, as many as it takes to let the others in. */
#ifndef TWSTORM_SERVER_ROOM_H
#define TWSTORM_SERVER_ROOM_H

#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/addr.h"

struct server_worker;
struct sock_diag;

struct room {                   /* a worker's own */
	struct sock_diag *diag; /* owned; NULL = the kernel cannot be asked who waits */
	struct addr hog;        /* holds more than half; valid while others wait */
	unsigned others;        /* connections that wait, from other addresses */
	unsigned swaps;         /* connections that may still be ended for them */
	uint64_t next_ns;       /* who waits is not asked again before */
};

void room_init(struct room *r);
void room_done(struct room *r);
/* A connection waits and has no place.  True: one was ended for it, by conn_end(). */
bool room_make(struct server_worker *w);
/* A connection from there was accepted. */
static inline void room_note_client(struct room *r, const struct addr *from)
{
	if (r->others > 0 && !addr_same_host(from, &r->hog))
		r->others--;
}

#endif
