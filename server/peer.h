/* peer - one accepted connection: its states, what may happen in each, and what follows.
 * The rule table is the whole life of a connection; peer_fire() alone changes the state. */
#ifndef TWSTORM_SERVER_PEER_H
#define TWSTORM_SERVER_PEER_H

#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include "common/kernel/addr.h"
#include "common/loop/closer.h"
#include "common/base/life.h"
#include "common/loop/loop.h"
#include "common/talk/proto_raw.h"
#include "common/loop/rendezvous.h"
#include "common/loop/timeline.h"
#include "server/peer_http.h"
#include "server/tally.h"

struct closing;
struct peer_proto;
struct server_worker;

#define PEER_STATE_LIST(X)                                                               \
	X(FREE)                                                                          \
	X(READ)    /* waits for a header or the rest of a request */                     \
	X(RESPOND) /* the response is on its way into the kernel */                      \
	X(HOLD)    /* this side moves first, but not yet */                              \
	X(LEAVE)   /* makes its closing move */                                          \
	X(DRAIN)   /* reads until the client's FIN */                                    \
	X(CLOSE)   /* about to close */                                                  \
	X(LINGER)  /* close() is blocking on a thread of its own */                      \
	X(LEAK)    /* kept open on purpose */

enum peer_state {
#define X(name) PEER_##name,
	PEER_STATE_LIST(X)
#undef X
		PEER_STATES,
};

/* A client that sends or takes fewer bytes than this in --idle-timeout is as good as silent. */
#define PEER_PROGRESS (64 << 10)

/* Bytes that may wait in the kernel for a client that does not read: of one connection, and
 * about so many of all together.  Where many wait the share of each that begins shrinks. */
#define PEER_UNSENT_MOST  (128 << 10)
#define PEER_UNSENT_LEAST (4 << 10)
#define PEER_UNSENT_SUM   (64 << 20)

/* Bytes that may wait unread in the kernel during a hold. */
#define PEER_UNREAD_MOST (64 << 10)

/* Bytes of requests sent ahead that wait for the responses before them, of all together. */
#define PEER_AHEAD_SUM (32 << 20)

#define PEER_INPUT_LIST(X)                                                               \
	X(NOTHING) /* wait for the loop */                                               \
	X(ACCEPT)                                                                        \
	X(READY)   /* the socket may have moved */                                       \
	X(REQUEST) /* a whole request is in */                                           \
	X(MORE)    /* response sent, more requests may come */                           \
	X(LAST)    /* response sent, it was the last */                                  \
	X(EOF)     /* the client closed between requests */                              \
	X(MEET)    /* the hold is over; --close both has still to meet the client */     \
	X(HELD)    /* nothing to wait for any more before the move */                    \
	X(WAIT)    /* the move is made; now the client's FIN */                          \
	X(FINISH)  /* nothing left to wait for */                                        \
	X(CLOSED)                                                                        \
	X(BLOCK)   /* close() was handed to a closing thread */                          \
	X(KEEP)    /* it is to be leaked */                                              \
	X(GIVE_UP) /* p->end says why; close at once */

enum peer_input {
#define X(name) ON_##name,
	PEER_INPUT_LIST(X)
#undef X
		PEER_INPUTS,
};

/* Bytes received behind a request that is being answered: they wait in the worker's scratch
 * buffer, or in a copy once this peer has to wait. */
struct peer_rest {
	const unsigned char *at;
	size_t n;
	unsigned char *copy; /* owned; NULL = in scratch */
	size_t size;         /* of the copy */
};

struct peer {                           /* lives in its worker's slab for the whole run */
	struct watch watch;             /* embedded; holds the fd, owned by the peer */
	struct timeline_node idle;      /* embedded: on the worker's idle timeline */
	struct server_worker *worker;   /* borrowed: outlives every peer */
	const struct closing *closing;  /* of the last request; NULL before one came */
	const struct peer_proto *proto; /* by the first byte; NULL before it came */
	SLIST_ENTRY(peer) free_link;
	uint64_t body_left, response_left;
	struct peer_rest rest;
	struct raw_header header; /* the request's, or what an HTTP request means by it */
	uint32_t moved;   /* bytes since the patience with this client began anew */
	uint32_t unsent;  /* bytes that may wait in the kernel: TCP_NOTSENT_LOWAT */
	struct life past; /* for a broken rule */
	uint8_t state;    /* enum peer_state; changed by peer_fire() alone */
	uint8_t end;      /* enum server_end: how it will be counted */
	uint8_t finish;   /* enum closing_finish: how it will be closed */
	bool begun;       /* a request has begun and is not yet answered */
	bool timed;       /* `hold` is armed */
	union {           /* proto's own */
		struct peer_raw {
			unsigned char head[RAW_HEADER]; /* as far as it has come */
			uint8_t got;
		} raw;
		struct peer_http http;
	};
	/* Seldom touched, so out of the way of the cache lines above. */
	TAILQ_ENTRY(peer) open_link; /* on its worker's list while it has a connection */
	struct addr client;          /* the other end */
	struct event hold;           /* embedded: timer of HOLD and LEAK */
	struct rendezvous_node meet; /* embedded: --close both */
	struct closer_job job;       /* embedded: close() with SO_LINGER */
};

/* Says why the connection is to be given up; the first reason stays. */
static inline enum peer_input peer_fail(struct peer *p, enum server_end end)
{
	if (p->end == END_SERVED)
		p->end = (uint8_t)end;
	return ON_GIVE_UP;
}

void peer_init(struct peer *p, struct server_worker *w);
/* A free peer takes an accepted socket and reads what is there already. */
void peer_accept(struct peer *p, int fd, const struct addr *client);
/* Ends the connection now, whatever its state, and counts it as `end`. */
void peer_end(struct peer *p, enum server_end end);
void peer_fire(struct peer *p, enum peer_input in);
/* The table of rules, for tests: the state that follows, -1 where there is no rule; what the
 * action may return, a bit (1 << input) each.  Names by number. */
int peer_rule_to(enum peer_state state, enum peer_input in);
unsigned peer_rule_next(enum peer_state state, enum peer_input in);
extern const char *const peer_state_names[PEER_STATES],
	*const peer_input_names[PEER_INPUTS];

/* What the rules do (peer_io.c); each returns the next input. */
enum peer_input peer_read(struct peer *p);
enum peer_input peer_read_next(struct peer *p);
enum peer_input peer_respond(struct peer *p);
enum peer_input peer_start_response(struct peer *p);
enum peer_input peer_client_left(struct peer *p);
enum peer_input peer_hold(struct peer *p);
enum peer_input peer_meet(struct peer *p);
enum peer_input peer_held(struct peer *p);
enum peer_input peer_leaked(struct peer *p);
enum peer_input peer_leave(struct peer *p);
enum peer_input peer_await(struct peer *p);
enum peer_input peer_drain(struct peer *p);
enum peer_input peer_finish(struct peer *p);
enum peer_input peer_keep(struct peer *p);
enum peer_input peer_closed(struct peer *p);
enum peer_input peer_let_go(struct peer *p);
enum peer_input peer_give_up(struct peer *p);
enum peer_input peer_block(struct peer *p);

#endif
