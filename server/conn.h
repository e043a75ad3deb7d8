/* conn - one accepted connection: its states, what may happen in each, and what follows.
 * The rule table is the whole life of a connection; conn_fire() alone changes the state. */
#ifndef TWSTORM_SERVER_CONN_H
#define TWSTORM_SERVER_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include "common/kernel/addr.h"
#include "common/loop/closer.h"
#include "common/base/life.h"
#include "common/loop/loop.h"
#include "common/talk/proto_raw.h"
#include "common/talk/transport.h"
#include "common/loop/rendezvous.h"
#include "common/loop/timeline.h"
#include "server/http_reply.h"
#include "server/tally.h"

struct closing;
struct conn_proto;
struct server_worker;

#define CONN_STATE_LIST(X)                                                               \
	X(FREE)                                                                          \
	X(HANDSHAKE) /* of a transport that has one */                                   \
	X(READ)      /* waits for a header or the rest of a request */                   \
	X(DELAY)     /* the request asks for an answer that comes late */                \
	X(RESPOND)   /* the response is on its way into the kernel */                    \
	X(HOLD)      /* this side moves first, but not yet */                            \
	X(LEAVE)     /* makes its closing move */                                        \
	X(DRAIN)     /* reads until the client's FIN */                                  \
	X(CLOSE)     /* about to close */                                                \
	X(LINGER)    /* close() is blocking on a thread of its own */                    \
	X(LEAK)      /* kept open on purpose */

#define CONN_STATE(name) CONN_##name,
enum conn_state { CONN_STATE_LIST(CONN_STATE) CONN_STATES };

/* A client that sends or takes fewer bytes than this in --idle-timeout is as good as silent. */
#define CONN_PROGRESS (64 << 10)

/* Bytes that may wait in the kernel for a client that does not read (TCP_NOTSENT_LOWAT: send()
 * takes no more then; a listener's is inherited): of one connection, and about so many of all
 * together.  Where many wait the share of each that begins shrinks. */
#define CONN_UNSENT_MOST  (128 << 10)
#define CONN_UNSENT_LEAST (4 << 10)
#define CONN_UNSENT_SUM   (64 << 20)

/* Bytes that may wait unread in the kernel during a hold. */
#define CONN_UNREAD_MOST (64 << 10)

/* Bytes of requests sent ahead that wait for the responses before them, of all together. */
#define CONN_AHEAD_SUM (32 << 20)

#define CONN_INPUT_LIST(X)                                                               \
	X(NOTHING) /* wait for the loop */                                               \
	X(ACCEPT)                                                                        \
	X(SHAKE)   /* accepted, but the transport has a handshake */                     \
	X(OPEN)    /* the handshake is over */                                           \
	X(READY)   /* the socket may have moved */                                       \
	X(REQUEST) /* a whole request is in */                                           \
	X(LATER)   /* the same, but its answer is to wait */                             \
	X(MORE)    /* response sent, more requests may come */                           \
	X(LAST)    /* response sent, it was the last: this side moves first */           \
	X(EOF)     /* the client closed between requests */                              \
	X(MEET)    /* the hold is over; --close both has still to meet the client */     \
	X(HELD)    /* nothing to wait for any more before the move */                    \
	X(WAIT)    /* the move is made, or the client's to make; now its FIN */          \
	X(FINISH)  /* nothing left to wait for */                                        \
	X(CLOSED)                                                                        \
	X(BLOCK)   /* close() was handed to a closing thread */                          \
	X(KEEP)    /* it is to be leaked */                                              \
	X(GIVE_UP) /* p->end says why; close at once */

enum conn_input { CONN_INPUT_LIST(LIFE_INPUT) CONN_INPUTS };

/* Bytes received behind a request that is being answered: they wait in the worker's scratch
 * buffer, or in a copy once this connection has to wait. */
struct conn_rest {
	const unsigned char *at;
	size_t n;
	unsigned char *copy; /* owned; NULL = in scratch */
	size_t size;         /* of the copy */
};

/* A request in HTTP and the answer to it. */
struct conn_http {
	struct http_parse parse;
	struct http_reply reply;
	uint64_t total;    /* bytes of the response */
	uint16_t head_len; /* of these its head */
	char target[256];
	SLIST_ENTRY(conn_http) free_link;
};

struct conn {                      /* lives in its worker's slab for the whole run */
	struct watch watch;        /* embedded; holds the fd, owned by the connection */
	struct wire wire;          /* embedded: how bytes go over it */
	struct timeline_node idle; /* embedded: on the worker's idle timeline */
	struct server_worker *worker;   /* borrowed: outlives every connection */
	const struct closing *closing;  /* of the last request; NULL before one came */
	const struct conn_proto *proto; /* by the first byte; NULL before it came */
	struct server_tally *books; /* borrowed: of its client's run; NULL = not known */
	uint64_t unnamed;           /* bytes received before they were */
	SLIST_ENTRY(conn) free_link;
	uint64_t body_left, response_left;
	struct conn_rest rest;
	struct raw_header header; /* the request's, or what an HTTP request means by it */
	uint32_t moved;   /* bytes since the patience with this client began anew */
	uint32_t unsent;  /* bytes that may wait in the kernel: TCP_NOTSENT_LOWAT */
	struct life past; /* for a broken rule */
	uint8_t state;    /* enum conn_state; changed by conn_fire() alone */
	uint8_t end;      /* enum server_end: how it will be counted */
	uint8_t finish;   /* enum closing_finish: how it will be closed */
	bool begun;       /* a request has begun and is not yet answered */
	struct conn_raw { /* a request of the raw protocol */
		unsigned char head[RAW_HEADER]; /* as far as it has come */
		uint8_t got;
	} raw;
	struct conn_http *http; /* owned: one in HTTP; NULL between requests */
	/* Seldom touched, so out of the way of the cache lines above. */
	TAILQ_ENTRY(conn) open_link; /* on its worker's list while it has a connection */
	struct addr client;          /* the other end */
	struct event *hold; /* owned: timer of HOLD, LEAK and DELAY; NULL = none runs */
	struct rendezvous_node meet; /* embedded: --close both */
	struct closer_job job;       /* embedded: close() with SO_LINGER */
};

/* Says why the connection is to be given up; the first reason stays. */
static inline enum conn_input conn_fail(struct conn *p, enum server_end end)
{
	if (p->end == END_SERVED)
		p->end = (uint8_t)end;
	return ON_GIVE_UP;
}

void conn_init(struct conn *p, struct server_worker *w);
/* A free connection takes an accepted socket and reads what is there already. */
void conn_accept(struct conn *p, int fd, const struct addr *client);
/* Ends the connection now, whatever its state, and counts it as `end`. */
void conn_end(struct conn *p, enum server_end end);
void conn_fire(struct conn *p, enum conn_input in);
/* In a state, on an input: */
struct conn_rule {
	uint8_t to;                             /* enum conn_state */
	enum conn_input (*run)(struct conn *p); /* NULL = there is no rule */
	uint32_t next;                          /* what it may return: 1 << input, each */
};
extern const struct conn_rule conn_rules[CONN_STATES][CONN_INPUTS];
extern const char *const conn_state_names[CONN_STATES],
	*const conn_input_names[CONN_INPUTS];

/* The next wait is for something else than the last one was: --idle-timeout begins anew. */
static inline void conn_new_patience(struct conn *p)
{
	p->moved = CONN_PROGRESS;
}

/* Until the socket has moved; what waits in the transport is taken in the next turn.
 * --idle-timeout begins anew only if enough has moved since it last did: a byte now and then keeps
 * nothing open. */
void conn_wait(struct conn *p, short what);

/* Was that a WANTS?  Then the connection waits for what is wanted. */
static inline bool conn_waits(struct conn *p, ssize_t result)
{
	short what = transport_wants(result);

	if (what)
		conn_wait(p, what);
	return what;
}

/* What follows from a result below 0: a wait, or that the connection has failed. */
enum conn_input conn_no_bytes(struct conn *p, ssize_t result);

/* Counts in the worker's books, and in those of the client's run where that is known. */
#define CONN_COUNT(p, what, n)                                                           \
	do {                                                                             \
		tally_add(&(p)->worker->tally.what, (n));                                \
		if ((p)->books)                                                          \
			tally_add(&(p)->books->what, (n));                               \
	} while (0)
void conn_received(struct conn *p, size_t bytes);
/* A request says which run it is of, 0 = none; the connection's first that does so counts. */
void conn_count_for_run(struct conn *p, unsigned run);
static inline void conn_name_run(struct conn *p, unsigned run)
{
	if (run != 0)
		conn_count_for_run(p, run);
}

void conn_count_error(struct conn *p, int error);
enum conn_input conn_transfer_failed(struct conn *p, int error);
/* Forgets the request that has begun to come, and what came behind it; or the second alone. */
void conn_forget_request(struct conn *p);
void conn_drop_copy(struct conn *p);
static inline void conn_drop_rest(struct conn *p)
{
	if (p->rest.copy)
		conn_drop_copy(p);
	p->rest.n = 0;
}

/* What the rules do; each returns the next input.  conn_talk.c: */
enum conn_input conn_handshake(struct conn *p);
enum conn_input conn_read(struct conn *p);
enum conn_input conn_read_next(struct conn *p);
enum conn_input conn_respond(struct conn *p);
enum conn_input conn_start_response(struct conn *p);
enum conn_input conn_delay(struct conn *p);
enum conn_input conn_delayed(struct conn *p);
/* conn_leave.c, for that as well: ON_MEET, ON_REQUEST or ON_HELD by the state, after so long, or -1
 * where memory is out; and not after all. */
int conn_start_hold(struct conn *p, uint32_t ms);
void conn_stop_hold(struct conn *p);
/* What has become of the other end: POLLRDHUP = it has closed its side, POLLERR and POLLHUP = it
 * has reset the connection, for which the errno is. */
short conn_other_end(const struct conn *p);
int conn_error_of(const struct conn *p);
/* conn_leave.c: */
enum conn_input conn_client_left(struct conn *p);
enum conn_input conn_hold(struct conn *p);
enum conn_input conn_meet(struct conn *p);
enum conn_input conn_held(struct conn *p);
enum conn_input conn_leaked(struct conn *p);
enum conn_input conn_leave(struct conn *p);
enum conn_input conn_await(struct conn *p);
enum conn_input conn_drain(struct conn *p);
enum conn_input conn_finish(struct conn *p);
enum conn_input conn_keep(struct conn *p);
enum conn_input conn_closed(struct conn *p);
enum conn_input conn_let_go(struct conn *p);
enum conn_input conn_give_up(struct conn *p);
enum conn_input conn_block(struct conn *p);

#endif
