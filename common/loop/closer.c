#include "common/loop/closer.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/thread.h"
#include "common/loop/loop.h"

static void run_job(struct closer_job *job)
{
	uint64_t begin_ns = clock_ns();

	job->error = close(job->fd) == -1 ? errno : 0;
	job->took_ns = clock_ns() - begin_ns;
}

static void *closing_thread(void *arg)
{
	struct closer *c = arg;
	struct closer_job *job;
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGRTMIN);
	pthread_sigmask(SIG_UNBLOCK, &wanted, NULL);

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

/* A signal ends the wait inside close() (sk_stream_wait_close()); the descriptor is gone
 * either way and the kernel goes on delivering. */
static void interrupt(int signo)
{
	(void)signo;
}

static void join(pthread_t thread)
{
	struct timespec until;

	do {
		pthread_kill(thread, SIGRTMIN);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 20 * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
	} while (pthread_timedjoin_np(thread, NULL, &until) == ETIMEDOUT);
}

void closer_done(struct closer *c)
{
	const struct sigaction sa = { .sa_handler = interrupt };

	if (!c->ready)
		return;
	if (c->threads)
		sigaction(SIGRTMIN, &sa, NULL);
	pthread_mutex_lock(&c->lock);
	c->stopping = 1;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->threads; i++)
		join(c->thread[i]);
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
		r = thread_start(&c->thread[c->threads], closing_thread, c, NULL);
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
	return r;
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
