/* taken_settle - which ports are taken, from the sockets that a look saw: asks the kernel where the
 * dump is not enough, and names each port once. */
#ifndef TWSTORM_COMMON_PORTS_TAKEN_SETTLE_H
#define TWSTORM_COMMON_PORTS_TAKEN_SETTLE_H

#include "common/ports/taken_list.h"
#include "common/ports/taken_look.h"

/* A socket, as an entry of a list: with enum taken_by in `by` go these.  A span is the pools that
 * an answer of the kernel is about: all of them, those of a source, or one. */
#define SOCKET_BY 0x0f /* mask */
#define SOCKET_WIDE                                                                      \
	0x10 /* may take its port from its whole span; pool is the first of it */
#define SOCKET_KNOWN 0x20 /* does */

/* Sets all of *out but bucket_ends.  Empties the list, whose no_memory says if something is
 * missing. */
void taken_settle(const struct taken_plan *p, uint32_t pools, uint32_t span,
		  struct taken_list *sockets, struct taken *out);

#endif
