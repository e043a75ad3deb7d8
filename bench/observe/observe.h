/* observe - counts the sockets of a run's hosts while it runs, without a connection and without a
 * second client: one process for all of them, which opens a sock_diag socket and the files of /proc/net in
 * each host's network namespace.  They keep the namespace that they were made in.  Not in the keeper's own loop,
 * where a dump would delay cues. */
#ifndef TWSTORM_BENCH_OBSERVE_OBSERVE_H
#define TWSTORM_BENCH_OBSERVE_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>
#include "common/base/companion.h"
#include "common/base/err.h"
#include "common/kernel/addr_list.h"

#define OBSERVE_HOSTS 16
#define OBSERVE_KEPT  64 /* remote ends of a host, the largest; the others are summed */

struct observe_host {
	const char *name; /* borrowed */
	int netns;        /* borrowed: a descriptor */
	const struct addr_list
		*only;        /* borrowed: remote or own ends; NULL or empty = all */
	uint64_t count_on_ns; /* it is counted so much longer than the load lasts */
	bool failures; /* sockets that are destroyed are looked at, for a lack of ports */
};

struct observe_plan {
	struct observe_host host[OBSERVE_HOSTS];
	unsigned n;
	int out; /* borrowed: where the document goes, see observed.h */
	int relay; /* borrowed: where documents go meanwhile, once a second (relay.h); 0 = nowhere */
	const char *about; /* borrowed: what they are about */
	bool quiet;        /* or a line for each host on stderr, every second */
};

/* When this returns 0 each host has been counted once.  No hosts: nothing is started.  Only in a process that
 * ends it with itself (a PID namespace). */
int observe_start(const struct observe_plan *plan, struct companion *out,
		  struct err *err);
/* The load has ended: hosts are counted once more, and no longer; those with count_on_ns so much longer. */
void observe_load_ended(const struct companion *p);
/* Has each host counted once more, and the document written; returns when that is done. */
void observe_stop(struct companion *p);

#endif
