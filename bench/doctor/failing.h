/* failing - what connections come to while a live look lasts, by the sockets that the kernel destroys: those that found no
 * port, were refused, were reset, or got no answer, by remote end. */
#ifndef TWSTORM_BENCH_DOCTOR_FAILING_H
#define TWSTORM_BENCH_DOCTOR_FAILING_H

#include "bench/doctor/alive.h"
#include "bench/doctor/reading.h"
#include "common/kernel/destroyed.h"

#define FAILING_EVENTS                                                                   \
	2000 /* then the groups are left: whoever is joined slows the host down */

struct failing_event {
	struct sock_diag_row row; /* its addresses are those below */
	unsigned char local[16], remote[16];
	bool retried; /* its SYN had been sent again when it was seen last */
};

struct failing_watch {
	struct destroyed destroyed;
	struct reading *read;        /* borrowed, and the next */
	const struct alive *alive;   /* what was seen before */
	struct failing_event *event; /* owned: FAILING_EVENTS */
	uint64_t begin_ns;
};

/* Joins.  Where that is refused read->failing says why, and the others do nothing.  0, or -ENOMEM. */
int failing_join(struct failing_watch *w, struct err *err);
/* Reads what has come, and leaves after FAILING_EVENTS. */
void failing_read(struct failing_watch *w);
/* Reads what has come, and leaves. */
void failing_leave(struct failing_watch *w);
/* What they were, into the reading, as it is known by now who listens. */
void failing_settle(struct failing_watch *w, const struct port_set *listening);
void failing_done(struct failing_watch *w);
/* What an event means; pure. */
enum traffic failing_kind(const struct failing_event *e, bool server);

#endif
