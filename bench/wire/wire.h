/* wire - cables between hosts, in our hands: a process that takes each frame at one end and gives it to the other,
 * impaired as is asked for.  On one cable the first connection can be traced: each of its segments is held until
 * both ends' states have been read by sock_diag. */
#ifndef TWSTORM_BENCH_WIRE_WIRE_H
#define TWSTORM_BENCH_WIRE_WIRE_H

#include <stdio.h>
#include <sys/types.h>
#include "bench/wire/impair.h"
#include "bench/wire/step.h"
#include "bench/wire/which.h"
#include "common/base/companion.h"
#include "common/base/err.h"

#define WIRE_CABLES 16
#define WIRE_STEPS  2000 /* the first so many are kept */
#define WIRE_RULES  16
/* A sender repeats what is not answered after 200 ms (TCP_RTO_MIN): who holds a segment for longer makes that happen. */
#define WIRE_PACE_MAX_MS 150

#define WIRE_WAITING_MAX 20000 /* frames on one cable */

/* What a cable did; in memory that its process shares with whoever started it. */
struct wire_stats {
	uint64_t frames;                      /* came in */
	uint64_t lost, duplicated, reordered; /* of them, as was asked for: by chance */
	struct drops_stats drops;             /* and by name */
	uint64_t
		refused; /* lost because too many waited, or the other end took no more */
	uint64_t carried;      /* went out: with those that are twice */
	uint64_t most_waiting; /* at a time */
	/* When it is over: how much later than asked for they were carried. */
	uint64_t late_mean_ns, late_p50_ns, late_p99_ns, latest_ns;
};

/* What carrying cost, on all cables: of the thread that carries, in which a receiving host's kernel works, too. */
struct wire_load {
	uint64_t frames;
	uint64_t cpu_ns;
	double busiest;    /* part of a core, in its busiest 100 ms */
	double most_per_s; /* frames a second, in the 100 ms that had most */
};

/* END_CLIENT of a cable is one of its interfaces, END_SERVER the other. */
struct wire_cable {
	int interface[ENDS]; /* their numbers in the wire's namespace */
	struct impair impair;
	struct wire_stats *stats; /* borrowed */
};

/* ---- a trace */

struct wire_rule {
	const char *text; /* borrowed: what `which` was made of */
	struct which which;
	enum fate fate;
};

struct wire_order {
	struct wire_rule rule[WIRE_RULES]; /* each segment: the first that is meant */
	unsigned n_rules;
	struct impair impair;
	uint64_t pace_ns; /* each segment of the connection is held for so long */
	uint8_t meets; /* SEGMENT_SYN, SEGMENT_FIN: an end's first waits for the other's */
	bool until_quiet; /* it ends when a FIN has come and nothing moves any more, whoever is still there */
	/* A terminal: each segment waits for a key.  'q' or its end ends the trace.  -1 = none. */
	int keys;
	FILE *pcap; /* owned: what is carried, as pcapng; NULL = it is not kept */
	/* Each step as it happens; in the wire's process.  May be NULL. */
	void (*step)(const struct step *s, void *arg);
	void *arg;
};

/* What one end has at the end. */
struct wire_end {
	uint8_t state;       /* 0 = no socket */
	uint8_t timer;       /* as in struct sock_diag_row */
	uint32_t expires_ms; /* of it */
	char local[64], remote[64];
};

struct wire_trace {
	unsigned n;
	struct step at[WIRE_STEPS];
	uint64_t beyond; /* segments of the connection that there was no room for */
	uint64_t others; /* of other connections: carried, not shown */
	uint64_t other_connections; /* so many began */
	uint64_t parts;     /* frames with a part of a segment: carried, not shown */
	uint64_t swallowed; /* sent again while the first had to wait */
	uint64_t
		met_nobody; /* set aside for another segment, which did not come in time */
	uint32_t meant;     /* bit n: a segment was that of rule n of the order */
	bool closed; /* an end has had a socket, and has none now; the FINs of both are acknowledged */
	bool stopped; /* at a segment that is held, or by a key */
	struct wire_stats stats;
	struct wire_end end[ENDS];
};

/* What a trace is and what comes of it. */
struct wire {
	struct wire_order order;
	struct wire_trace *trace; /* owned: shared with the wire's process */
};

int wire_init(struct wire *w, struct err *err);
void wire_done(struct wire *w);

/* ---- the process */

struct wire_plan {
	int netns; /* where the interfaces are */
	struct wire_cable cable[WIRE_CABLES];
	unsigned n;
	struct wire_load *load; /* borrowed: shared, like the cables' stats; or NULL */
	/* Of the first cable, if a trace is wanted: */
	struct wire *trace; /* borrowed */
	int host[ENDS];     /* descriptors of its hosts' network namespaces */
};

/* When this returns 0 it carries.  Only in a process that ends it with itself (a PID namespace). */
int wire_start(const struct wire_plan *plan, struct companion *out, struct err *err);
/* Waits until nothing moves any more (3 s at most, and as long as a person lets a segment wait), has the ends looked
 * at, and ends it.  It waits for nothing if it is to end at once, or as soon as a signal of signals.h comes, which the
 * caller has blocked. */
void wire_stop(struct companion *p, bool at_once);

#endif
