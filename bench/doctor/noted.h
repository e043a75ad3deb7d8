/* noted - the sockets that a text lists, each once however often it is listed: a table that grows with
 * the text, to a limit.  A live look tells each socket once, and merges those that differ in nothing that matters. */
#ifndef TWSTORM_BENCH_DOCTOR_NOTED_H
#define TWSTORM_BENCH_DOCTOR_NOTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/doctor/endpoint.h"
#include "common/kernel/tcp_state.h"

#define NOTED_LASTS_MS 1000 /* a state that has lasted so long is no passing one */
#define NOTED_OUTSIDE  2    /* of a merged client's local_port: it is not in the range */
#define NOTED_MAX      500000 /* more are counted, and not told apart */

enum {
	NOTED_OWNER_SHOWN = 1, /* the list says whose it is, or that nobody is known */
	NOTED_OWNED = 2,
	NOTED_INODE_SHOWN = 4,
	NOTED_NO_INODE = 8,    /* no descriptor has it: not accepted yet, or closed */
	NOTED_CLIENT = 16,     /* this is the end that connected; set by doctor/facts */
	NOTED_SS = 32,         /* LISTEN: send_q is the limit of the queue */
	NOTED_TIMESTAMPS = 64, /* both ends use them */
	NOTED_NO_TIMESTAMPS = 128,
};

struct noted_socket {
	unsigned char local[16], remote[16];
	uint32_t recv_q, send_q;
	int32_t left_ms; /* of TIME_WAIT; -1 = not told, 0 = it is over */
	int32_t age_ms;  /* since the last segment came; -1 = not told */
	uint16_t local_port,
		remote_port; /* merged: of a client the parity, and NOTED_OUTSIDE */
	uint16_t owner;      /* a number of names; of a live look one of its holders */
	uint16_t block;      /* which list of the text */
	uint32_t n;          /* so many sockets; 0 = one */
	uint32_t inode;      /* of one of them; 0 = not told */
	uint8_t local_kind, remote_kind, state, flags;
};

struct noted {
	struct noted_socket *at; /* owned */
	uint32_t *slot;          /* owned: 1 + index, 0 = free */
	size_t n, room, slots;
	uint64_t over[TCP_STATE_MAX]; /* that found no room */
	size_t most;                  /* entries; 0 = NOTED_MAX */
	bool merging; /* what is equal in all that is set is one entry, with a number */
};

/* Does it take a port of the range that connect() chooses from?  Of a text nobody knows better. */
static inline bool noted_takes_port(const struct noted *all, const struct noted_socket *s)
{
	return !all->merging || s->local_port < NOTED_OUTSIDE;
}

static inline uint32_t noted_n(const struct noted_socket *s)
{
	return s->n ? s->n : 1;
}

/* Adds it, or adds to the same socket what is not known of it.  The socket, borrowed until the
 * next one; NULL where there is no room. */
struct noted_socket *noted_add(struct noted *s, const struct noted_socket *socket);
/* Is there no room for one that is not there yet? */
static inline bool noted_is_full(const struct noted *s)
{
	return s->n >= (s->most ? s->most : NOTED_MAX);
}
void noted_clear(struct noted *s); /* keeps the memory */
void noted_done(struct noted *s);
void noted_ends(const struct noted_socket *s, struct endpoint *local,
		struct endpoint *remote);

#endif
