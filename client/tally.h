/* tally (client) - what a client worker counts.  Written by its worker alone, read by
 * anybody (common/base/tally.h). */
#ifndef TWSTORM_CLIENT_TALLY_H
#define TWSTORM_CLIENT_TALLY_H

#include "common/talk/closing.h"
#include "common/talk/http_parse.h"
#include "common/talk/outcome.h"
#include "common/base/tally.h"

struct client_record;
struct slot;

#define HTTP_CODES 500 /* 100 to 599 */

/* Where in a connection's life a call failed. */
enum stage {
	STAGE_SOCKET, /* socket() and its options */
	STAGE_BIND,
	STAGE_CONNECT,
	STAGE_TRANSFER, /* send(), recv(), shutdown(), close() */
	STAGES,
};

/* When each errno came first and last, on CLOCK_MONOTONIC; 0 = never. */
struct errno_times {
	tally_t first_ns[TALLY_ERRNOS], last_ns[TALLY_ERRNOS];
};

/* Of one target's address (client/targets.h). */
struct target_tally {
	tally_t started;                 /* connections */
	tally_t ok;                      /* of them, COMPLETED and LEAKED */
	struct tally_errnos failed;      /* calls; a --timeout is ETIMEDOUT */
	tally_t set_aside, probes, back; /* how often (client/aside.h) ... */
	tally_t aside_ns; /* ... and how long, until it was back or the end */
	tally_t turned_away; /* refused, or reset before any byte came, one after the other */
	tally_t turned_away_before; /* the most of them, before others were not */
	/* Until here each sum is just that.  On CLOCK_MONOTONIC, 0 = never: when a handshake was
	 * answered or a response complete, a connection failed, one was turned away. */
	tally_t last_ok_ns, last_failed_ns, last_away_ns;
};

struct client_tally {
/* Each is explained in its row. */
#define CLIENT_TOTAL(name, ...) tally_t name;
#include "common/result/paths.def"
	tally_t outcome[OUTCOMES];
	tally_t completed[CLOSINGS_MAX]; /* COMPLETED and LEAKED, by closing number */
	struct tally_errnos failed[STAGES];
	tally_t timeout_connect, timeout_handshake, timeout_transaction;
	tally_t http_code[HTTP_CODES]; /* responses by status, from 100 on */
	tally_t http_reused;           /* responses but the first of their connection */
	tally_t http_ended_early; /* connections that the server ended before --requests */
	/* Connections that the server was to close and we did; those that waited for it first. */
	tally_t http_close_left, http_close_awaited;
	tally_t http_malformed[HTTP_ERRORS];
	tally_t no_timestamps; /* 1: the first connection has none */
	tally_t pool_retried;  /* arrivals put on a new connection: nothing was sent */
	/* Until here each sum is just that.  When ports ran out, on CLOCK_MONOTONIC; 0 = not
	 * (yet). */
	tally_t first_exhausted_ns, exhausted_since_ns, exhausted_for_ns, recovered_ns;
	tally_t first_exhausted_due_ns; /* when that connection was due; open loop only */
	tally_t last_ok_ns;             /* a peer was last heard of */
	struct errno_times failed_at[STAGES];
};

static inline void client_tally_code(struct client_tally *t, unsigned status)
{
	tally_add(&t->http_code[status - 100], 1);
}

/* Counts a call that failed on a slot's connection: by errno, by target, and when.  The time is
 * that of the turn of the loop, or of the connection's beginning where that is later. */
void client_tally_failed(const struct slot *s, enum stage stage, int error);
/* A connection has failed, after that or without: its target is not turning away all of them any
 * more if this one, begun later than the last that was turned away, was not. */
void client_tally_over(const struct slot *s, uint64_t now_ns);
/* A handshake was answered, or a response is complete. */
static inline void client_tally_heard(struct client_tally *t, struct target_tally *of,
				      uint64_t now_ns)
{
	tally_set(&of->last_ok_ns, now_ns);
	tally_set(&t->last_ok_ns, now_ns);
}
/* Not all are turned away any more. */
void client_tally_end_row(struct target_tally *of);
/* A response, or the whole connection, is complete. */
static inline void client_tally_served(struct target_tally *of)
{
	if (tally_get(&of->turned_away) > 0)
		client_tally_end_row(of);
}
/* Sums over the workers; sum is zeroed first. */
void client_tally_sum(const struct client_record *run, struct client_tally *sum);
/* The same of one entry of the plan's targets. */
void client_tally_target(const struct client_record *run, unsigned entry,
			 struct target_tally *sum);
/* Responses of a class: 1 is 1xx. */
uint64_t client_tally_class(const struct client_tally *t, unsigned class);

#endif
