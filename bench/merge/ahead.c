#include "bench/merge/ahead.h"

#include "common/base/thread.h"

static void read_one(struct ahead *a)
{
	size_t i = a->n_begun++;
	struct ahead_file file = { 0 };

	pthread_mutex_unlock(&a->lock);
	a->read(a->arg, i, &file);
	pthread_mutex_lock(&a->lock);
	a->files[i % AHEAD_FILES].file = file;
	a->files[i % AHEAD_FILES].ready = true;
	pthread_cond_broadcast(&a->turn);
}

static void *read_all(void *arg)
{
	struct ahead *a = arg;

	pthread_mutex_lock(&a->lock);
	while (a->n_begun < a->n && !a->stop)
		if (a->n_begun - a->n_taken < AHEAD_FILES)
			read_one(a);
		else
			pthread_cond_wait(&a->turn, &a->lock);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

int ahead_start(struct ahead *a, size_t n,
		void (*read)(void *arg, size_t i, struct ahead_file *out), void *arg,
		struct err *err)
{
	int r = 0;

	*a = (struct ahead){ .n = n, .read = read, .arg = arg };
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->turn, NULL);
	while (r == 0 && a->n_threads < AHEAD_THREADS) {
		r = thread_start(&a->threads[a->n_threads], read_all, a, err);
		a->n_threads += r == 0;
	}
	if (r < 0)
		ahead_end(a);
	return r;
}

void ahead_take(struct ahead *a, struct ahead_file *out)
{
	size_t at = a->n_taken % AHEAD_FILES;

	pthread_mutex_lock(&a->lock);
	while (!a->files[at].ready)
		pthread_cond_wait(&a->turn, &a->lock);
	*out = a->files[at].file;
	a->files[at].ready = false;
	a->n_taken++;
	pthread_cond_broadcast(&a->turn);
	pthread_mutex_unlock(&a->lock);
}

void ahead_end(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->turn);
	pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < a->n_threads; i++)
		pthread_join(a->threads[i], NULL);
	for (size_t i = 0; i < AHEAD_FILES; i++)
		if (a->files[i].ready)
			json_decref(a->files[i].file.doc);
	pthread_cond_destroy(&a->turn);
	pthread_mutex_destroy(&a->lock);
}
