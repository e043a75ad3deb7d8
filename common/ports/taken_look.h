/* taken_look - finds what is taken (taken.h) in one dump of the network namespace's TCP sockets,
 * and asks the kernel where the dump is not enough.
 *
 *   connect() chooses the port   A socket with the same four numbers takes it from its pool.  A port
 *                                that any socket has by a bind() of its own, on any address, to any
 *                                target, is taken too; of a connected socket a dump does not say so.
 *   bind()                       A port that any socket has on an address that bind() would share
 *                                is taken from that source, wherever that socket is connected to.
 *   bind() with SO_REUSEADDR     The same, unless that socket does not listen and has
 *                                SO_REUSEADDR, which a dump does not tell; then a socket with the
 *                                same four numbers takes it from its pool.
 */
#ifndef TWSTORM_COMMON_PORTS_TAKEN_LOOK_H
#define TWSTORM_COMMON_PORTS_TAKEN_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/addr_list.h"
#include "common/kernel/sock_diag.h"
#include "common/ports/taken.h"

#define TAKEN_QUESTIONS 400 /* at most */

/* How a connection of the run gets its port. */
enum taken_way {
	TAKEN_CONNECT,     /* --bind auto or late */
	TAKEN_BIND,        /* --bind early; --bind port without --reuseaddr */
	TAKEN_BIND_SHARED, /* --bind port --reuseaddr */
};

/* All borrowed until taken_look_end().  A target or a source that is named twice has one id.
 * A pool is source id * target_ids + target id, with TAKEN_BIND the source id alone. */
struct taken_plan {
	enum taken_way way;
	uint16_t lo, hi;                 /* the range */
	const struct addr_list *targets; /* at least one */
	const struct addr_list
		*sources; /* none: the kernel chooses; bind() has any address */
	const uint32_t *target_id, *source_id; /* of targets->at[i], sources->at[i] */
	uint32_t target_ids, source_ids;       /* at least 1 each */
	bool time_wait_again; /* connect() takes TIME_WAIT of its own pools again */
	const struct addr
		*kept; /* this program's own sockets that last as long as the run */
	size_t n_kept;
	/* Asks whether connect(), or bind() of the nth source, cannot have the port: 1 = so it
	 * is, 0 = it can, -1 = the kernel does not tell.  NULL = taken_ask(), for this kernel. */
	int (*ask)(const struct taken_plan *p, size_t source, uint16_t port);
};

struct taken_look;

int taken_look_begin(const struct taken_plan *plan, struct taken_look **out,
		     struct err *err);
/* For each socket of the dump, which should have SOCK_DIAG_BOUND: see sampler_plan.first_row. */
void taken_look_row(const struct sock_diag_row *row, void *look);
/* What was found; frees the look.  0, or -ENOMEM: then *out is empty. */
int taken_look_end(struct taken_look *look, struct taken *out, struct err *err);

#endif
