/* step - one segment of the traced connection, with both ends' states before it arrives, and what
 * it means: an event of RFC 9293 and a sentence.  Pure. */
#ifndef TWSTORM_BENCH_WIRE_STEP_H
#define TWSTORM_BENCH_WIRE_STEP_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/wire/segment.h"
#include "common/kernel/tcp_state.h"

enum end { END_CLIENT, END_SERVER, ENDS };

enum fate {
	FATE_CARRIED,
	FATE_DROPPED,
	FATE_DUPLICATED, /* carried twice */
	FATE_OVERTAKEN,  /* carried after the next segment of its end */
	FATE_KEPT,       /* carried, and a copy of it is kept */
	FATE_OLD,        /* that copy: nobody sent it now */
	FATE_HELD,       /* not carried: the trace ends there */
	FATES
};
extern const char *const fate_names[FATES]; /* "carried", ... */

struct step {
	uint64_t at_ns; /* since the first segment */
	enum end from;
	/* Of each end, as sock_diag has it while the segment is held: the sender's has changed
	 * already, the receiver's not yet.  0 = it has no socket for the connection. */
	uint8_t state[ENDS];
	struct segment segment;
	uint32_t seq,
		ack; /* from the first sequence number of each direction, as tcpdump shows them */
	bool again;       /* nothing in it is new: it was sent before */
	bool acks_fin;    /* it acknowledges the other end's FIN, the first to do so */
	bool answers_fin; /* an ACK after the other end's FIN came again */
	bool refuses;     /* it answers an old copy and acknowledges nothing of it */
	enum fate fate;
	unsigned connection; /* from 1: of those that had these addresses and ports */
};

/* What the connection was until now: makes steps of segments. */
struct steps_past {
	bool any[ENDS];
	uint32_t first[ENDS]; /* sequence number of the first segment of each end */
	uint32_t next[ENDS];  /* one past the highest that it sent */
	bool fin[ENDS], fin_acked[ENDS], syn_acked[ENDS];
	uint32_t acked[ENDS]; /* the last that it acknowledged */
	bool fin_again[ENDS]; /* its FIN came again, and is not answered */
	bool old[ENDS]; /* an old copy of its segments was carried, and is not answered */
	unsigned connection; /* so many have begun */
};

/* Fills in what the past tells: seq, ack, again, acks_fin, connection.  The states and the segment are there.  A SYN
 * with another first number begins the next connection. */
void step_place(struct step *s, struct steps_past *past);
/* An old copy of what that end once sent is carried. */
void step_old(struct steps_past *past, enum end from);

/* The event in the words of RFC 9293, 3.10; and a sentence.  Static texts or buf, which has room for
 * STEP_TEXT. */
#define STEP_TEXT 256
bool step_is_strange(const struct step *s); /* no event of RFC 9293 */
const char *step_event(const struct step *s);
const char *step_sentence(const struct step *s, char buf[STEP_TEXT]);

#endif
