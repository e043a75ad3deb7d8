/* held - a segment that waits in the wire's process. */
#ifndef TWSTORM_BENCH_WIRE_HELD_H
#define TWSTORM_BENCH_WIRE_HELD_H

#include <sys/queue.h>
#include "bench/wire/step.h"

struct held {
	STAILQ_ENTRY(held) next;
	struct step step;
	bool begun; /* it is its turn: placed in its connection, its fate is known */
	bool shown;
	uint64_t due_ns; /* of one that is begun, or set aside */
	int after; /* set aside: goes when a segment of this end has gone; -1 = by other rules */
	size_t len;
	unsigned char bytes[];
};
STAILQ_HEAD(held_list, held);

/* NULL without memory. */
struct held *held_new(const struct step *step, const unsigned char *bytes, size_t len);
/* Whether the step is the same segment once more; never so of one that takes no sequence numbers. */
bool held_is_again(const struct held *h, const struct step *s);

#endif
