/* worker (server) - one thread: its event loop, its own listeners (SO_REUSEPORT, so there is
 * no hand-over and no lock), its connections and its counters. */
#ifndef TWSTORM_SERVER_WORKER_H
#define TWSTORM_SERVER_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/addr_list.h"
#include "common/base/err.h"
#include "common/loop/loop.h"
#include "common/kernel/sock.h"
#include "common/loop/timeline.h"
#include "server/listener.h"
#include "server/conn.h"
#include "server/room.h"
#include "server/tally.h"

struct tls;
struct tls_thread;
struct transport;

#define SCRATCH_SIZE 65536

/* The last HTTP request that came whole, in one piece and alone, and its answer. */
struct http_last {
	size_t n; /* 0 = none */
	struct http_reply reply;
	uint8_t run;
	unsigned char bytes[512];
};

#define READS_A_TURN 16 /* of SCRATCH_SIZE each: no connection starves the others */

/* The server's limits and settings; const once the workers run. */
struct server_plan {
	struct addr_list listens;          /* owned; ports resolved */
	const struct transport *transport; /* borrowed */
	struct tls *tls;                   /* owned; NULL = no TLS */
	unsigned workers;
	int backlog;
	bool reuseaddr;                /* of the listeners */
	bool shares;                   /* ... with those of other servers that do, too */
	struct sock_economy economy;   /* of the listeners */
	uint64_t idle_timeout_ns;      /* 0 = never */
	uint64_t handshake_timeout_ns; /* of the transport's handshake; 0 = never */
	uint64_t max_connections; /* all workers together; 0 = as descriptors allow */
	uint64_t max_request, max_response; /* bytes */
	uint64_t max_hold_ms;
	int max_linger_s;
	bool books; /* counts by run as well: somebody may ask */
};

struct server_worker {
	const struct server_plan *plan; /* borrowed: const while workers run */
	struct loop loop;               /* embedded */
	struct listener *listeners;     /* owned: one per plan->listens */
	struct timeline idle, handshake;
	struct tls_thread *tls; /* owned; NULL without TLS */
	struct rendezvous meeting;
	struct closer closer;
	SLIST_HEAD(, conn) free_conns;
	SLIST_HEAD(, conn_http) free_https; /* owned */
	TAILQ_HEAD(, conn) open;            /* in order of acceptance */
	struct room room;
	struct conn **slabs; /* owned: of CONNS_A_SLAB each */
	unsigned n_slabs;
	uint64_t max_connections; /* this worker's share; 0 = no limit */
	uint64_t now_ns;          /* when this turn of the loop began */
	unsigned in_state[CONN_STATES];
	size_t ahead; /* bytes of requests sent ahead that are kept */
	struct server_tally tally;
	/* Owned: RAW_RUNS of them, by the run's number; NULL = not counted.  Pages that no run
	 * has touched take no memory. */
	struct server_tally *of_run;
	struct http_head head; /* of the last HTTP response that was made */
	struct http_last last_http;
	struct { /* the last header of the raw protocol; zeroed = none */
		unsigned char head[RAW_HEADER];
		struct raw_header says;
		const struct closing *closing;
	} last;
	unsigned char scratch[SCRATCH_SIZE]; /* what requests are read into */
	pthread_t thread;
	bool started;
	atomic_bool stop; /* finish what is open, then end */
};

/* Opens the listeners; the thread is not started yet. */
int server_worker_init(struct server_worker *w, const struct server_plan *plan,
		       unsigned nth, struct err *err);
int server_worker_start(struct server_worker *w, struct err *err);
/* Asks it to end: no new connections, open ones may finish for a second. */
void server_worker_stop(struct server_worker *w);
void server_worker_join(struct server_worker *w);
void server_worker_done(struct server_worker *w);

/* Places for more connections; -1 = no memory. */
int server_worker_grow(struct server_worker *w);
/* A free connection, or NULL when memory is out. */
static inline struct conn *server_worker_take(struct server_worker *w)
{
	struct conn *p;

	if (SLIST_EMPTY(&w->free_conns) && server_worker_grow(w) == -1)
		return NULL;
	p = SLIST_FIRST(&w->free_conns);
	SLIST_REMOVE_HEAD(&w->free_conns, free_link);
	TAILQ_INSERT_TAIL(&w->open, p, open_link);
	p->end = END_SERVED;
	p->response_left = 0;
	return p;
}
/* Called by conn actions when a connection is over. */
void server_worker_give_back(struct server_worker *w, struct conn *p);

#endif
