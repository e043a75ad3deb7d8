#include "common/closer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/loop.h"

static void run_job(struct closer_job *job)
{
	uint64_t begin = clock_ns();

	job->error = close(job->fd) == -1 ? errno : 0;
	job->took_ns = clock_ns() - begin;
}

static void *closing_thread(void *arg)
{
	struct closer *c = arg;
	struct closer_job *job;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!(job = STAILQ_FIRST(&c->todo)) && !c->stopping) {
			c->idle++;
			pthread_cond_wait(&c->work, &c->lock);
			c->idle--;
		}
		if (!job)
			break;
		STAILQ_REMOVE_HEAD(&c->todo, link);
		c->waiting--;
		pthread_mutex_unlock(&c->lock);
		run_job(job);
		pthread_mutex_lock(&c->lock);
		STAILQ_INSERT_TAIL(&c->done, job, link);
		loop_wake(c->loop);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

int closer_init(struct closer *c, struct loop *loop, struct err *err)
{
	int r;

	memset(c, 0, sizeof(*c));
	STAILQ_INIT(&c->todo);
	STAILQ_INIT(&c->done);
	c->loop = loop;
	r = pthread_mutex_init(&c->lock, NULL);
	if (r == 0)
		r = pthread_cond_init(&c->work, NULL);
	if (r != 0) {
		errno = r;
		return err_sys(err, "cannot prepare closing threads");
	}
	c->ready = 1;
	return 0;
}

void closer_done(struct closer *c)
{
	if (!c->ready)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = 1;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->threads; i++)
		pthread_join(c->thread[i], NULL);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
	c->ready = 0;
}

int closer_submit(struct closer *c, struct closer_job *job, int fd)
{
	int r = 0;

	job->fd = fd;
	pthread_mutex_lock(&c->lock);
	STAILQ_INSERT_TAIL(&c->todo, job, link);
	c->waiting++;
	if (c->waiting > c->idle && c->threads < CLOSER_THREADS) {
		r = pthread_create(&c->thread[c->threads], NULL, closing_thread, c);
		if (r == 0)
			c->threads++;
	}
	if (c->threads > 0) {
		r = 0; /* somebody will get to it */
	} else {
		STAILQ_REMOVE(&c->todo, job, closer_job, link);
		c->waiting--;
	}
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
	return -r;
}

struct closer_job *closer_collect(struct closer *c)
{
	struct closer_job *job;

	pthread_mutex_lock(&c->lock);
	job = STAILQ_FIRST(&c->done);
	if (job)
		STAILQ_REMOVE_HEAD(&c->done, link);
	pthread_mutex_unlock(&c->lock);
	return job;
}
