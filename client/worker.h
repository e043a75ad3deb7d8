/* worker (client) - one thread: its event loop, its slots, its pacer and its counters.  It
 * launches arrivals, times out what hangs, and drains when the time is up.  Shares nothing
 * that it writes with any other worker. */
#ifndef TWSTORM_CLIENT_WORKER_H
#define TWSTORM_CLIENT_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "client/aside.h"
#include "client/collision.h"
#include "client/port_fill.h"
#include "common/ports/pick.h"
#include "client/slot.h"
#include "client/tally.h"
#include "common/loop/closer.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/hist.h"
#include "common/loop/loop.h"
#include "common/loop/pacer.h"
#include "common/talk/http_known.h"
#include "common/talk/proto_raw.h"
#include "common/loop/rendezvous.h"
#include "common/loop/timeline.h"

#define SCRATCH_SIZE 65536
#define READS_A_TURN 16 /* of SCRATCH_SIZE each: no connection starves the others */

struct client_plan;
struct slot_proto;
struct tls_thread;

struct client_hists {
#define CLIENT_TIMER(field, ...) struct hist field;
#include "common/result/paths.def"
};

/* A connection that is never closed, as client-leak says. */
struct leak {
	struct timeline_node due; /* embedded: --hold */
	TAILQ_ENTRY(leak) link;
	int fd; /* owned */
};

struct client_worker {
	const struct client_plan *plan; /* borrowed */
	const struct slot_proto *proto; /* borrowed: what its slots speak */
	struct loop loop;
	struct slot *slots; /* owned */
	uint32_t n_slots;
	/* Kept by slot.c; the latest used first. */
	SLIST_HEAD(, slot) free;
	TAILQ_HEAD(slot_list, slot) idle;
	uint32_t n_free, n_idle;
	struct slot_list
		*idle_of; /* owned: the same by target; NULL = all in one (idle.h) */
	TAILQ_HEAD(, leak) leaks; /* owned */
	struct timeline timeout, drain, hold, think, rest, age, leak_hold;
	struct timeline fin; /* of a server that may leave the closing to us */
	struct rendezvous meeting;
	struct closer closer;
	struct pick pick;
	struct aside aside; /* targets that are not picked at present */
	struct pacer pacer;
	bool paced;                /* open loop */
	bool sets_up;              /* its sockets, before connect() (slot_open.c) */
	uint64_t arrivals_left;    /* UINT64_MAX = no limit */
	uint32_t to_open;          /* --prefill: so many are still to be opened */
	uint64_t begin_ns, end_ns; /* when to start launching, and to stop */
	uint64_t now_ns;           /* when this turn of the loop began */
	uint64_t looked_ns; /* the clock just now: no call since; 0 = that is not known */
	uint64_t resume_ns; /* no launch before: backing off */
	bool backing_off, ending;
	bool no_source;      /* a connect() since the last success had no address here */
	bool ask_timestamps; /* whether the first connection has them */
	unsigned nth;
	struct client_tally tally;
	struct target_tally *targets; /* owned: plan->books.n, at least one */
	struct client_hists hists;
	struct tls_thread *tls;     /* owned; NULL without TLS */
	struct port_fill port_fill; /* connect() by how full the ports are */
	struct collision collision; /* the first */
	/* Of the header in `out`: NULL = there is none yet; RAW_LAST, RAW_GOODBYE. */
	const struct closing *out_closing;
	uint8_t out_flags;
	unsigned char out[RAW_HEADER + SCRATCH_SIZE]; /* a header, then zeros */
	unsigned char scratch[SCRATCH_SIZE];          /* what responses are read into */
	struct http_known known;                      /* the last of them, in HTTP */
	pthread_t thread;
	bool started;
	atomic_bool stop;            /* interrupted: stop launching, drain, end */
	atomic_bool exhausted_stop;  /* --on-exhaustion stop came true */
	atomic_bool over;            /* drained */
	void (*on_event)(void *arg); /* called on this thread: over, or first exhausted */
	void *arg;
};

/* What the clock says, without another look at it where nothing has been done since the last. */
static inline uint64_t client_worker_just_now(const struct client_worker *w)
{
	return w->looked_ns ? w->looked_ns : clock_ns();
}

int client_worker_init(struct client_worker *w, const struct client_plan *plan,
		       unsigned nth, struct err *err);
int client_worker_start(struct client_worker *w, uint64_t begin_ns, struct err *err);
void client_worker_stop(struct client_worker *w); /* from any thread */
void client_worker_join(struct client_worker *w);
void client_worker_done(struct client_worker *w);

/* A connect came through, the first since ports ran out or another / the slot's connection found no port, or failed in another way, at
 * cost_ns. */
void client_worker_recovered(struct client_worker *w, uint64_t now_ns);
static inline void client_worker_connected(struct client_worker *w, uint64_t now_ns)
{
	w->backing_off = w->no_source = false;
	if (tally_get(&w->tally.exhausted_since_ns))
		client_worker_recovered(w, now_ns);
}
void client_worker_failed(struct client_worker *w, const struct slot *s, uint64_t now_ns,
			  uint64_t cost_ns);

#endif
