/* closer - close() calls that may block, on threads of their own.  A close() with SO_LINGER{1,T}
 * blocks up to T even on an O_NONBLOCK socket (docs/kernel-facts.md#linger), so the event loop must
 * never call it.  One closer per event loop; threads are made as they are needed. */
#ifndef TWSTORM_COMMON_LOOP_CLOSER_H
#define TWSTORM_COMMON_LOOP_CLOSER_H

#include <pthread.h>
#include <stdint.h>
#include <sys/queue.h>
#include "common/base/err.h"

struct loop;

struct closer_job { /* embedded in what owns the socket; must live until it is collected */
	STAILQ_ENTRY(closer_job) link;
	int fd;           /* taken over by closer_submit() */
	int error;        /* of close(), 0 or an errno */
	uint64_t took_ns; /* how long close() blocked */
};

#define CLOSER_THREADS 64

struct closer {
	pthread_mutex_t lock;
	pthread_cond_t work;
	STAILQ_HEAD(closer_jobs, closer_job) todo, done;
	struct loop *loop; /* borrowed: woken when a job is done */
	pthread_t thread[CLOSER_THREADS];
	unsigned threads, idle, waiting; /* waiting: jobs on todo */
	int stopping, ready;
};

int closer_init(struct closer *c, struct loop *loop, struct err *err);
/* Ends the close() calls under way and those that wait, without lingering any longer; jobs
 * not collected are forgotten. */
void closer_done(struct closer *c);
/* close(fd) on another thread; the loop is woken when it is over. */
int closer_submit(struct closer *c, struct closer_job *job, int fd);
/* A finished job, or NULL.  Call on the loop's thread when it was woken. */
struct closer_job *closer_collect(struct closer *c);

#endif
