/* wire - the cable between two hosts, in our hands: a process that takes each frame from one host's veth and gives it
 * to the other's.  A segment of the traced connection (the first one that is opened) is held until both ends' states
 * have been read by sock_diag; then it is carried, late, twice or not at all, as the order says. */
#ifndef TWSTORM_BENCH_WIRE_WIRE_H
#define TWSTORM_BENCH_WIRE_WIRE_H

#include <sys/types.h>
#include "bench/wire/step.h"
#include "bench/wire/which.h"
#include "common/base/err.h"

#define WIRE_STEPS 2000 /* the first so many are kept */
#define WIRE_RULES 16
/* A sender repeats what is not answered after 200 ms (TCP_RTO_MIN): who holds a segment for longer makes that happen. */
#define WIRE_PACE_MAX_MS 150

struct wire_rule {
	struct which which;
	enum fate fate;
};

struct wire_order {
	struct wire_rule rule[WIRE_RULES]; /* each segment: the first that is meant */
	unsigned n_rules;
	uint64_t delay_ns; /* of each frame, each way */
	uint64_t pace_ns;  /* each segment of the connection is held for so long */
	bool meet;         /* the first FIN waits for the other end's, 150 ms at most */
	/* Each step as it happens; in the wire's process.  May be NULL. */
	void (*step)(const struct step *s, void *arg);
	void *arg;
};

/* What one end has at the end. */
struct wire_end {
	uint8_t state;       /* 0 = no socket */
	uint32_t expires_ms; /* TIME_WAIT: what is left of it */
	char local[64], remote[64];
};

struct wire_trace {
	unsigned n;
	struct step at[WIRE_STEPS];
	uint64_t beyond;  /* segments of the connection that there was no room for */
	uint64_t others;  /* of other connections: carried, not shown */
	uint64_t refused; /* frames lost because too many waited, or too long */
	struct wire_end end[ENDS];
	int r; /* of the wire itself: 0, or -errno and `why` */
	char why[200];
};

struct wire {
	struct wire_order order;
	struct wire_trace *trace; /* owned: shared with the wire's process */
	int stop, over;           /* owned: pipes to and from it; -1 = none */
};

int wire_init(struct wire *w, struct err *err);
void wire_done(struct wire *w);

/* Where the wire is: descriptors of its own network namespace and of its hosts', and the numbers of the interfaces in
 * its own that lead to them. */
struct wire_place {
	int netns, host[ENDS], interface[ENDS];
};
/* Starts the process; when this returns 0 it carries.  Only in a process that ends it with itself (a PID
 * namespace). */
int wire_start(struct wire *w, const struct wire_place *at, struct err *err);
/* Waits until nothing moves any more (3 s at most), has the ends looked at, and ends it. */
void wire_stop(struct wire *w);

#endif
