/* slot - one place for a connection: its states, what may happen in each, and what follows.
 * The rule table is the whole life of a connection; slot_fire() alone changes the state.
 *
 * One life, short connections: FREE - CONNECT - SEND - RECEIVE - (SEND ...) - HOLD - LEAVE -
 * (DRAIN) - CLOSE - FREE.  With a pool a connection rests in IDLE between arrivals. */
#ifndef TWSTORM_CLIENT_SLOT_H
#define TWSTORM_CLIENT_SLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include "common/ports/pick.h"
#include "common/loop/closer.h"
#include "common/talk/http_parse.h"
#include "common/base/life.h"
#include "common/loop/loop.h"
#include "common/talk/outcome.h"
#include "common/talk/transport.h"
#include "common/loop/rendezvous.h"
#include "common/loop/timeline.h"

struct client_worker;
struct target_tally;

#define ANY_TARGET UINT32_MAX

#define SLOT_STATE_LIST(X)                                                               \
	X(FREE)                                                                          \
	X(IDLE)      /* pooled, waits for an arrival; this and FREE have lists */        \
	X(CONNECT)   /* SYN sent */                                                      \
	X(HANDSHAKE) /* of a transport that has one */                                   \
	X(SEND)      /* a request is on its way into the kernel */                       \
	X(RECEIVE)   /* waits for the response */                                        \
	X(THINK)     /* --think: before the next request of its arrival */               \
	X(HOLD)      /* this side moves first, but not yet */                            \
	X(LEAVE)     /* makes its closing move */                                        \
	X(DRAIN)     /* reads until the server's FIN */                                  \
	X(CLOSE)     /* about to close */                                                \
	X(LINGER)    /* close() is blocking on a thread of its own */

#define SLOT_STATE(name) SLOT_##name,
enum slot_state { SLOT_STATE_LIST(SLOT_STATE) SLOT_STATES };

#define SLOT_INPUT_LIST(X)                                                               \
	X(NOTHING)  /* wait for the loop */                                              \
	X(LAUNCH)   /* a free slot, or an idle one, gets an arrival */                   \
	X(READY)    /* the socket may have moved */                                      \
	X(SHAKE)    /* connected, but the transport has a handshake */                   \
	X(OPEN)     /* connected: requests can be sent */                                \
	X(SENT)     /* the request is in the kernel */                                   \
	X(RESPONSE) /* the response is complete */                                       \
	X(PAUSE)    /* one more transaction for this arrival, but not yet */             \
	X(AGAIN)    /* one more transaction for this arrival */                          \
	X(REST)     /* the arrival is served, the connection stays */                    \
	X(LAST)     /* nothing more to transact */                                       \
	X(RETIRE)   /* an idle connection is to go */                                    \
	X(MEET)     /* the hold is over; --close both has still to meet the server */    \
	X(HELD)     /* nothing to wait for any more before the closing move */           \
	X(WAIT)     /* the move is made; now the server's FIN */                         \
	X(LEFT)     /* it did not come: the server leaves the closing to this side */    \
	X(FINISH)   /* nothing left to wait for */                                       \
	X(CLOSED)                                                                        \
	X(BLOCK)   /* close() was handed to a closing thread */                          \
	X(REDO)    /* a stale pooled connection: the arrival gets a new one */           \
	X(GIVE_UP) /* s->outcome says why; close at once */

enum slot_input { SLOT_INPUT_LIST(LIFE_INPUT) SLOT_INPUTS };

struct slot { /* lives in its worker's array all run; only that thread touches it */
	struct watch watch;           /* embedded; holds the fd, owned by the slot */
	struct wire wire;             /* embedded: how bytes go over it */
	struct timeline_node due;     /* embedded: timeout, hold or pool idle time */
	struct client_worker *worker; /* borrowed */
	struct target_tally *books;   /* borrowed: of its target */
	union {                       /* on one of its worker's lists, or on none */
		SLIST_ENTRY(slot) next_free;
		TAILQ_ENTRY(slot) link; /* of those that are idle */
	};
	TAILQ_ENTRY(slot) sibling; /* on the idle list of its target */
	struct choice choice;      /* target, source, close strategy */
	uint32_t wanted;           /* the target of the next connection, or ANY_TARGET */
	uint64_t intended_ns;      /* when this arrival should have started */
	uint64_t began_ns;         /* connect() called */
	uint64_t shake_ns;         /* the transport's handshake began */
	uint64_t request_ns;       /* this transaction began; latency counts from there */
	uint64_t out_size;         /* bytes of this request */
	uint64_t out_left;         /* ... of them to be sent yet */
	uint64_t in_left;          /* of its response, as far as they are known */
	uint64_t served;           /* transactions on this connection */
	uint32_t served_arrival;   /* transactions of this arrival */
	struct life past;          /* for a broken rule */
	uint8_t state;             /* enum slot_state; changed by slot_fire() alone */
	uint8_t outcome;           /* enum outcome; how it will be counted */
	bool connected;            /* the handshake is known to be complete */
	bool last;                 /* the request under way is the connection's last */
	bool fin_rides;            /* ... and the FIN goes with it */
	bool goodbye;              /* ... and no transaction, only a closing */
	bool has_response;         /* this request will be answered */
	bool response_begun;       /* its first byte has arrived */
	bool too_old;              /* --max-age came while it was busy */
	bool left_to_us;           /* the server was to close, and this side does */
	bool prefilled;            /* opened before any arrival wanted it (--prefill) */
	bool probe;                /* its target was set aside, and is tried (aside.h) */
	/* Seldom touched, so out of the way of the cache lines above. */
	struct timeline_node age;    /* embedded: --max-age */
	struct rendezvous_node meet; /* embedded: --close both */
	struct closer_job job;       /* embedded: --linger */
	struct http_parse http;      /* the response, with --proto http */
};

void slot_init(struct slot *s, struct client_worker *w);
void slot_fire(struct slot *s, enum slot_input in);
/* Starts an arrival on a free or an idle slot. */
void slot_launch(struct slot *s, uint64_t intended_ns);
/* Opens a pooled connection on a free slot; it rests until an arrival takes it. */
void slot_prefill(struct slot *s, uint64_t now_ns);
/* Ends the connection now, whatever its state, and counts it as `outcome`. */
void slot_end(struct slot *s, int outcome);

/* In a state, on an input: */
struct slot_rule {
	uint8_t to;                             /* enum slot_state */
	enum slot_input (*run)(struct slot *s); /* NULL = there is no rule */
	uint32_t next;                          /* what it may return: 1 << input, each */
};
extern const struct slot_rule slot_rules[SLOT_STATES][SLOT_INPUTS];
extern const char *const slot_state_names[SLOT_STATES],
	*const slot_input_names[SLOT_INPUTS];

/* Says why the connection is to be given up. */
static inline enum slot_input slot_fail(struct slot *s, enum outcome o)
{
	s->outcome = (uint8_t)o;
	return ON_GIVE_UP;
}

/* Until the socket has moved; what waits in the transport is taken in the next turn. */
static inline void slot_wait(struct slot *s, short what)
{
	if (what == EV_READ && wire_pending(&s->wire))
		watch_soon(&s->watch);
	else
		watch_wait(&s->watch, what);
}

/* Was that a WANTS?  Then the slot waits for what is wanted. */
static inline bool slot_waits(struct slot *s, ssize_t result)
{
	short what = transport_wants(result);

	if (what)
		slot_wait(s, what);
	return what;
}

#endif
