/* tracer - looks at the first connection on a line: its segments wait here in the order in which they came, each until
 * both ends' states are known and it has had its time or its key; then what the order says is done with it. */
#ifndef TWSTORM_BENCH_WIRE_TRACER_H
#define TWSTORM_BENCH_WIRE_TRACER_H

#include "bench/wire/held.h"
#include "bench/wire/line.h"
#include "bench/wire/pair.h"

#define TRACER_WAITING 1000 /* segments at most */

struct tracer {
	struct wire_order *order; /* borrowed */
	struct wire_trace *trace; /* borrowed */
	struct line *line;        /* borrowed */
	struct pair pair;         /* owned */
	struct steps_past past;
	uint64_t acted_ns;      /* when a segment was shown or carried */
	uint64_t begin_ns;      /* when its first segment was shown */
	uint32_t arrived[ENDS]; /* one past the highest that came from each end */
	struct held_list waiting;
	unsigned n_waiting;
	struct held *aside; /* owned: another segment is to come before it */
	uint8_t met;        /* of the order's `meets`: done */
	bool may_go;        /* a key was pressed for the one that is shown */
	unsigned n_old;
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
/* An end waits for an answer, so a segment may come again. */
bool tracer_is_unfinished(struct tracer *t);
/* What both ends have now goes into the trace. */
void tracer_end(struct tracer *t);

#endif
