#include "server/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/container.h"
#include "common/base/share.h"
#include "common/base/thread.h"
#include "common/tls/tls.h"

#define CONNS_A_SLAB 64
#define GRACE_NS     NS_PER_S /* how long open connections may still finish at the end */

static void on_meet(struct rendezvous_node *node)
{
	conn_fire(container_of(node, struct conn, meet), ON_HELD);
}

static void on_woken(void *arg)
{
	struct server_worker *w = arg;
	struct closer_job *job;

	while ((job = closer_collect(&w->closer)))
		conn_fire(container_of(job, struct conn, job), ON_CLOSED);
}

int server_worker_grow(struct server_worker *w)
{
	struct conn **slabs = realloc(w->slabs, (w->n_slabs + 1) * sizeof(struct conn *));
	struct conn *slab = thread_memory(CONNS_A_SLAB, sizeof(*slab));

	if (slabs)
		w->slabs = slabs;
	if (!slabs || !slab) {
		free(slab);
		return -1;
	}
	w->slabs[w->n_slabs++] = slab;
	for (int i = CONNS_A_SLAB; i-- > 0;) {
		conn_init(&slab[i], w);
		SLIST_INSERT_HEAD(&w->free_conns, &slab[i], free_link);
		w->in_state[CONN_FREE]++;
	}
	return 0;
}

void server_worker_give_back(struct server_worker *w, struct conn *p)
{
	TAILQ_REMOVE(&w->open, p, open_link);
	SLIST_INSERT_HEAD(&w->free_conns, p, free_link);
	CONN_COUNT(p, open, (uint64_t)-1);
	if (w->max_connections)
		listeners_room(w);
}

/* Whether one of our listeners has this address already, or all addresses or one of all:
 * the list may name a place twice. */
static bool is_ours(const struct server_worker *w, const struct addr *a)
{
	const struct addr_list *list = &w->plan->listens;

	for (size_t i = 0; i < list->n; i++) {
		const struct addr *b = &list->at[i];

		if (w->listeners[i].fd >= 0 && addr_port(a) == addr_port(b) &&
		    a->sa.sa_family == b->sa.sa_family &&
		    (addr_same_host(a, b) || addr_is_wildcard(a) || addr_is_wildcard(b)))
			return true;
	}
	return false;
}

/* The first worker makes sure that nobody else listens there, unless the server is to share; the
 * others join it. */
static int open_listener(struct server_worker *w, unsigned nth, struct listener *l,
			 struct addr *at, struct err *err)
{
	int r;

	if (!w->plan->reuseaddr)
		return listener_open(l, w, at, SOCK_ALONE, err);
	if (nth > 0 || w->plan->shares)
		return listener_open(l, w, at, SOCK_JOIN, err);
	r = listener_open(l, w, at, SOCK_FIRST, err);
	if (r == -EADDRINUSE && is_ours(w, at))
		r = listener_open(l, w, at, SOCK_JOIN, err);
	return r;
}

/* The listeners at all addresses, or those at one. */
static int open_some(struct server_worker *w, unsigned nth, bool wildcard,
		     struct err *err)
{
	struct addr_list *at = (struct addr_list *)&w->plan->listens;

	for (size_t i = 0; i < at->n; i++) {
		struct addr real = at->at[i];
		int r;

		if (addr_is_wildcard(&real) != wildcard)
			continue;
		r = open_listener(w, nth, &w->listeners[i], &real, err);
		if (r < 0)
			return r;
		if (nth == 0)
			at->at[i] = real; /* port 0 has become a number for all workers */
	}
	return 0;
}

/* Wildcards first: what they keep others from includes the addresses that come after. */
static int open_listeners(struct server_worker *w, unsigned nth, struct err *err)
{
	size_t n = w->plan->listens.n;
	int r;

	w->listeners = thread_memory(n, sizeof(*w->listeners));
	if (!w->listeners)
		return err_memory(err);
	for (size_t i = 0; i < n; i++)
		w->listeners[i].fd = -1;
	r = open_some(w, nth, true, err);
	return r < 0 ? r : open_some(w, nth, false, err);
}

int server_worker_init(struct server_worker *w, const struct server_plan *plan,
		       unsigned nth, struct err *err)
{
	int r;

	memset(w, 0, offsetof(struct server_worker, scratch));
	w->plan = plan;
	w->started = false;
	atomic_init(&w->stop, false);
	SLIST_INIT(&w->free_conns);
	SLIST_INIT(&w->free_https);
	TAILQ_INIT(&w->open);
	room_init(&w->room);
	timeline_init(&w->idle, plan->idle_timeout_ns);
	timeline_init(&w->handshake, plan->handshake_timeout_ns);
	w->max_connections = share_of(plan->max_connections, nth, plan->workers);
	rendezvous_init(&w->meeting, &w->loop, 2 * nth + 1, on_meet);
	r = loop_init(&w->loop, on_woken, w, err);
	if (r < 0)
		return r;
	if (plan->books) {
		w->of_run = calloc(RAW_RUNS, sizeof(*w->of_run));
		if (!w->of_run)
			return err_memory(err);
	}
	if (plan->tls && !(w->tls = tls_thread_new(plan->tls)))
		return err_memory(err);
	r = closer_init(&w->closer, &w->loop, err);
	if (r < 0)
		return r;
	return open_listeners(w, nth, err);
}

static void end_idle(struct server_worker *w)
{
	struct timeline_node *node;

	while ((node = timeline_expired(&w->idle, w->now_ns))) {
		struct conn *p = container_of(node, struct conn, idle);

		if (p->state == CONN_LEAK)
			conn_fire(p, ON_HELD);
		else
			conn_end(p, END_IDLE);
	}
	while ((node = timeline_expired(&w->handshake, w->now_ns)))
		conn_end(container_of(node, struct conn, idle), END_HANDSHAKE_TIMEOUT);
}

static uint64_t next_ns(const struct server_worker *w)
{
	return clock_sooner(timeline_next_ns(&w->idle), timeline_next_ns(&w->handshake));
}

static void cut_off(struct server_worker *w)
{
	for (unsigned s = 0; s < w->n_slabs; s++)
		for (int i = 0; i < CONNS_A_SLAB; i++)
			if (w->slabs[s][i].state == CONN_LEAK)
				conn_fire(&w->slabs[s][i], ON_HELD);
			else
				conn_end(&w->slabs[s][i], END_CUT_OFF);
}

/* Connections kept open on purpose, or idle between requests, need not be waited for. */
static bool anybody_busy(const struct server_worker *w)
{
	return w->in_state[CONN_RESPOND] || w->in_state[CONN_HOLD] ||
	       w->in_state[CONN_LEAVE] || w->in_state[CONN_DRAIN] ||
	       w->in_state[CONN_LINGER];
}

static void finish_open(struct server_worker *w)
{
	uint64_t until = clock_ns() + GRACE_NS;

	for (size_t i = 0; i < w->plan->listens.n; i++)
		listener_close(&w->listeners[i]);
	while (anybody_busy(w)) {
		w->now_ns = clock_ns();
		if (w->now_ns >= until)
			break;
		loop_turn(&w->loop, w->now_ns, until);
	}
	cut_off(w);
}

static void *worker_thread(void *arg)
{
	struct server_worker *w = arg;

	w->now_ns = clock_ns();
	while (!atomic_load_explicit(&w->stop, memory_order_relaxed)) {
		loop_turn(&w->loop, w->now_ns, next_ns(w));
		w->now_ns = loop_now(&w->loop);
		end_idle(w);
	}
	finish_open(w);
	return NULL;
}

int server_worker_start(struct server_worker *w, struct err *err)
{
	int r = thread_start(&w->thread, worker_thread, w, err);

	w->started = r == 0;
	return r;
}

void server_worker_stop(struct server_worker *w)
{
	atomic_store(&w->stop, true);
	loop_wake(&w->loop);
}

void server_worker_join(struct server_worker *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
	w->started = false;
}

static void free_memory(struct server_worker *w)
{
	struct conn_http *h;

	while ((h = SLIST_FIRST(&w->free_https))) {
		SLIST_REMOVE_HEAD(&w->free_https, free_link);
		free(h);
	}
	for (unsigned i = 0; i < w->n_slabs; i++)
		free(w->slabs[i]);
	free(w->slabs);
	free(w->of_run);
}

void server_worker_done(struct server_worker *w)
{
	cut_off(w);
	closer_done(&w->closer);
	room_done(&w->room);
	if (w->listeners)
		for (size_t i = 0; i < w->plan->listens.n; i++)
			listener_close(&w->listeners[i]);
	free(w->listeners);
	rendezvous_done(&w->meeting);
	loop_done(&w->loop);
	tls_thread_free(w->tls);
	free_memory(w);
}
