/* sample_pace - which count of sockets may be afforded at a tick.  Counting is expensive (a third
 * of a microsecond a socket), so it has a budget, a share of one core; at a tick at which
 * nothing may be spent, only the kernel's O(1) TIME_WAIT total is read.  Pure: it reads no
 * clock. */
#ifndef TWSTORM_COMMON_KERNEL_SAMPLE_PACE_H
#define TWSTORM_COMMON_KERNEL_SAMPLE_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum sample_kind {
	SAMPLE_TOTAL, /* the O(1) total alone */
	SAMPLE_LIVE,  /* a dump of all but TIME_WAIT: the kernel walks over it, but copies
			 nothing; a third of a full dump and less */
	SAMPLE_FULL,  /* a dump of everything */
};

struct sample_pace {
	uint64_t tick_ns;
	double budget;                 /* share of one core */
	uint64_t full_cost, live_cost; /* ns of CPU time; of the newest of its kind */
	uint64_t full_at, live_at;     /* not before; 0 = at once */
};

/* The most expensive kind that may be taken now.  mostly_waiting: most sockets are in TIME_WAIT, so
 * that a live dump saves something. */
enum sample_kind sample_pace_next(const struct sample_pace *p, uint64_t now_ns,
				  bool mostly_waiting);
/* One was taken and cost so much, whether it was this pace's idea or not. */
void sample_pace_spent(struct sample_pace *p, enum sample_kind kind, uint64_t cost_ns,
		       uint64_t now_ns);

#endif
