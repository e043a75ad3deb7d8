/* tracer - looks at the first connection on a line: its segments wait here in the order in which they came, each until
 * both ends' states are known and it has had its time or its key; then what the order says is done with it. */
#ifndef TWSTORM_BENCH_WIRE_TRACER_H
#define TWSTORM_BENCH_WIRE_TRACER_H

#include <sys/queue.h>
#include "bench/wire/line.h"
#include "bench/wire/pair.h"

#define TRACER_WAITING 1000 /* segments at most */
#define TRACER_SYNS    64   /* the last of other connections: a SYN may come again */

/* A segment that waits. */
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

struct tracer {
	struct wire_order *order; /* borrowed */
	struct wire_trace *trace; /* borrowed */
	struct line *line;        /* borrowed */
	struct pair pair;         /* owned */
	struct steps_past past;
	uint64_t begin_ns; /* when its first segment was shown */
	struct held_list waiting;
	unsigned n_waiting;
	struct held *aside; /* owned: another segment is to come before it */
	uint8_t met;        /* of the order's `meets`: done */
	bool may_go;        /* a key was pressed for the one that is shown */
	struct segment syn[TRACER_SYNS];
	struct held_list old; /* copies, each to be carried once more */
};

/* Leaves the calling thread in the second host's network namespace. */
int tracer_open(struct tracer *t, const struct wire_plan *plan, struct line *line,
		struct err *err);
/* A frame that came in: carried by the line in the end, or not at all. */
void tracer_take(struct tracer *t, enum end from, const unsigned char *bytes, size_t len);
/* When it has something to do; UINT64_MAX = nothing.  And does it. */
uint64_t tracer_next_ns(const struct tracer *t);
void tracer_turn(struct tracer *t, uint64_t now_ns);
/* Waits until the programs at both ends have done what they do next, so that all that comes of the last segment is
 * there to be taken. */
void tracer_settle(struct tracer *t);
/* Readable when a key was pressed, while a segment waits for a key; else -1. */
int tracer_fd(const struct tracer *t);
/* Nothing moves any more: now the old copies come.  False if there are none (any more). */
bool tracer_send_old(struct tracer *t);
/* What both ends have now goes into the trace. */
void tracer_end(struct tracer *t);

#endif
