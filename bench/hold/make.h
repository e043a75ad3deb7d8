/* make - makes the sockets of one row of hold_recipes[], and what hold.c, which plans and
 * counts, shares with it. */
#ifndef TWSTORM_BENCH_HOLD_MAKE_H
#define TWSTORM_BENCH_HOLD_MAKE_H

#include "bench/hold/end.h"
#include "bench/hold/hold.h"
#include "bench/hold/recipe.h"

#define HOLD_BATCH 256 /* connections made at a time, at most */

/* Listeners of ours that peers connect to.  Each takes per_listener connections, so that
 * no two of them have both ports in common, or as many handshakes as its queue holds for
 * long. */
struct hold_listeners {
	struct addr *at; /* owned */
	int *fd;         /* owned */
	unsigned n;
	uint64_t per_listener;
	uint64_t n_used; /* places, of all listeners together */
};

/* A TIME_WAIT here, as the peer would name it; for renew.c. */
struct hold_pair {
	uint16_t ours, peer;
};

struct hold {
	struct hold_plan plan;
	struct err err; /* the first that went wrong: from then on nothing more is done */
	struct tcp_states wanted;
	struct hold_end ours, peer;
	struct hold_listeners open;      /* while connections are made */
	struct hold_listeners half_open; /* for SYN_RECV; stay */
	unsigned batch;                  /* connections an accept queue takes at a time */
	struct addr silent;              /* the peer's listener that drops all */
	struct sock_diag *diag;          /* owned */
	struct hold_pair *pairs;         /* owned: one for each TIME_WAIT */
	size_t n_pairs;
	struct hold_renewer *renewer; /* owned; NULL where nothing is renewed */
};

/* Runs act(h, arg) in the peer's namespace. */
void hold_at_peer(struct hold *h, void (*act)(struct hold *h, void *arg), void *arg);

/* n listeners; `half_open`: they let no handshake end. */
void hold_listeners_open(struct hold *h, struct hold_listeners *d, unsigned n,
			 bool half_open);
/* Leaves nothing; NULL-safe members. */
void hold_listeners_close(struct hold_listeners *d);

void hold_make_accepted(struct hold *h, const struct hold_recipe *r, uint64_t n);
void hold_make_connecting(struct hold *h, const struct hold_recipe *r, uint64_t n);
void hold_make_half_open(struct hold *h, const struct hold_recipe *r, uint64_t n);
void hold_make_bound(struct hold *h, const struct hold_recipe *r, uint64_t n);
void hold_make_listening(struct hold *h, const struct hold_recipe *r, uint64_t n);

#endif
