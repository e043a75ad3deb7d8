/* aside - which targets get no arrivals at present, because connections to them fail, and when they
 * are tried again (--failover).  One per worker, like the pick that it steers.
 *
 * A target that refuses, times out or breaks connections is set aside.  After a wait one arrival
 * goes there as a probe: if the probe is answered the target is back, else the wait doubles, up to a
 * limit.  A target with more than its share of this worker's places waiting for an answer to their
 * SYN is passed over until it answers, so a silent target cannot have all places.  Where no port is
 * left for a source and a target, that pair is set aside, and not the target. */
#ifndef TWSTORM_CLIENT_ASIDE_H
#define TWSTORM_CLIENT_ASIDE_H

#include <stdbool.h>
#include <stdint.h>
#include "client/slot.h"
#include "common/base/err.h"

struct client_worker;

enum aside_why {
	ASIDE_NOT,
	ASIDE_SILENT, /* passed over: its share of places waits for an answer */
	ASIDE_PORTS,  /* each of its pairs is aside */
	ASIDE_FAILED, /* set aside */
};

struct aside_target {
	uint64_t since_ns;   /* set aside; 0 = never */
	uint64_t until_ns;   /* the next probe */
	uint64_t wait_ns;    /* how long the last wait was */
	uint64_t back_ns;    /* it came back last */
	uint32_t unanswered; /* SYNs since the last answer */
	uint8_t why;         /* enum aside_why */
	bool probing;        /* an arrival is on its way there */
	bool in_transfer;    /* what failed was connected already */
};

/* A source and a target between which no port is left. */
struct aside_pair {
	uint64_t until_ns;
	uint32_t target, source;
};

struct aside {
	struct client_worker *worker; /* borrowed: its pick, its counters */
	struct aside_target *at;      /* owned; NULL = no failover */
	struct aside_pair *pair;      /* owned */
	uint32_t n_pairs, room;
	uint32_t n_failed; /* targets set aside */
	uint32_t share;    /* of the worker's places, each target's */
	/* When the first probe is due, and when the first probe is due or the first pair can be picked
	 * again; UINT64_MAX = never. */
	uint64_t probe_ns, next_ns;
};

/* After the worker's pick, counters and slots are made.  -errno with a sentence: memory is out. */
int aside_init(struct aside *a, struct client_worker *w, struct err *err);
void aside_done(struct aside *a);

/* What the slot's next connection has: its choice, with the target that it wants if that is there,
 * and whether it is a probe. */
void aside_pick(struct aside *a, struct slot *s, uint64_t now_ns);
/* The handshake was answered: of a target that is not picked at present; of any. */
void aside_heard_of(struct aside *a, struct slot *s, uint64_t now_ns);
static inline void aside_answered(struct aside *a, struct slot *s, uint64_t now_ns)
{
	if (!a->at)
		return;
	a->at[s->choice.target].unanswered = 0;
	if (a->at[s->choice.target].why != ASIDE_NOT)
		aside_heard_of(a, s, now_ns);
}
/* A transaction is complete: a probe's; any. */
void aside_probe_served(struct aside *a, struct slot *s, uint64_t now_ns);
static inline void aside_served(struct aside *a, struct slot *s, uint64_t now_ns)
{
	if (s->probe)
		aside_probe_served(a, s, now_ns);
}
/* The slot's connection failed, after cost_ns in connect().  True: that is dealt with, and the next
 * arrivals go elsewhere; false: it is nothing that another target would help with. */
bool aside_failed(struct aside *a, const struct slot *s, uint64_t now_ns,
		  uint64_t cost_ns);
/* A probe is due. */
static inline bool aside_due(const struct aside *a, uint64_t now_ns)
{
	return now_ns >= a->probe_ns;
}
/* The run is over: counts the time that targets have been aside. */
void aside_end(struct aside *a, uint64_t now_ns);

#endif
