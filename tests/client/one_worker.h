/* one_worker - what tests of a slot share: a client worker, its plan, and a listener on
 * loopback to aim it at. */
#ifndef TWSTORM_TESTS_ONE_WORKER_H
#define TWSTORM_TESTS_ONE_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client/plan.h"
#include "client/leak.h"
#include "client/worker.h"
#include "common/base/clock.h"
#include "common/talk/outcome.h"
#include "common/kernel/sock.h"
#include "tests/check_main.h"

static struct client_worker *worker;
static struct client_plan plan;
static struct addr target;
static int listener, accepted;

static inline void over(void *arg)
{
	(void)arg;
}

static inline void open_listener(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct err err;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listener, 64), 0);
	ck_assert_int_eq(sock_local(listener, &target, &err), 0);
}

/* The worker's whole run, against a server on a thread of its own; NULL = nobody accepts.  The
 * worker is left for a look. */
static inline void run_worker(void *(*server)(void *))
{
	pthread_t thread;
	struct err err;

	worker = calloc(1, sizeof(*worker));
	ck_assert_int_eq(client_worker_init(worker, &plan, 0, &err), 0);
	worker->on_event = over;
	if (server)
		ck_assert_int_eq(pthread_create(&thread, NULL, server, NULL), 0);
	ck_assert_int_eq(client_worker_start(worker, clock_ns(), &err), 0);
	client_worker_join(worker);
	leaks_drop(worker);
	shutdown(listener, SHUT_RDWR);
	if (server)
		pthread_join(thread, NULL);
	close(listener);
}

static inline void done(void)
{
	client_worker_done(worker);
	free(worker);
}

static inline uint64_t outcome(enum outcome o)
{
	return tally_get(&worker->tally.outcome[o]);
}

/* Every connection started has one outcome, and every slot is free again. */
static inline void books_add_up(const char *what)
{
	uint64_t sum = 0;

	for (int o = 0; o < OUTCOMES; o++)
		sum += outcome((enum outcome)o);
	ck_assert_msg(sum == tally_get(&worker->tally.connects_started),
		      "%s: %llu outcomes of %llu", what, (unsigned long long)sum,
		      (unsigned long long)tally_get(&worker->tally.connects_started));
	ck_assert_uint_eq(worker->n_free, worker->n_slots);
}

#endif
