/* tracer - looks at the first connection on a line: holds each of its segments until both ends' states are known,
 * and does with it what the order says. */
#ifndef TWSTORM_BENCH_WIRE_TRACER_H
#define TWSTORM_BENCH_WIRE_TRACER_H

#include "bench/wire/line.h"

struct sock_diag;

struct tracer {
	struct wire_order *order;     /* borrowed */
	struct wire_trace *trace;     /* borrowed */
	struct line *line;            /* borrowed */
	struct sock_diag *diag[ENDS]; /* owned */
	struct steps_past past;
	bool known; /* the connection that is traced */
	int family; /* its */
	unsigned char address[ENDS][16];
	uint16_t port[ENDS];
	bool had_socket[ENDS];
	uint64_t begin_ns, last_ns; /* of its segments */
	struct frame *met;          /* owned: the FIN that waits for the other end's */
	enum end met_from;
	bool have_met;
};

/* Leaves the calling thread in the second host's network namespace. */
int tracer_open(struct tracer *t, const struct wire_plan *plan, struct line *line,
		struct err *err);
/* A frame that came in: carried by the line in the end, or not at all. */
void tracer_take(struct tracer *t, enum end from, const unsigned char *bytes, size_t len);
/* When it has something to do; UINT64_MAX = nothing.  And does it. */
uint64_t tracer_next_ns(const struct tracer *t);
void tracer_turn(struct tracer *t, uint64_t now_ns);
/* What both ends have now goes into the trace. */
void tracer_end(struct tracer *t);

#endif
