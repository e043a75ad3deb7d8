#include "bench/merge/ahead.h"

#include "common/base/thread.h"

static void *read_all(void *arg)
{
	struct ahead *a = arg;

	pthread_mutex_lock(&a->lock);
	while (a->n_read < a->n && !a->stop) {
		struct ahead_file file = { 0 };

		if (a->n_read > a->n_taken) { /* one is enough, for the memory's sake */
			pthread_cond_wait(&a->turn, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		a->read(a->arg, a->n_read, &file);
		pthread_mutex_lock(&a->lock);
		a->next = file;
		a->n_read++;
		pthread_cond_signal(&a->turn);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

int ahead_start(struct ahead *a, size_t n,
		void (*read)(void *arg, size_t i, struct ahead_file *out), void *arg,
		struct err *err)
{
	int r;

	*a = (struct ahead){ .n = n, .read = read, .arg = arg };
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->turn, NULL);
	r = thread_start(&a->thread, read_all, a, err);
	if (r < 0) {
		pthread_cond_destroy(&a->turn);
		pthread_mutex_destroy(&a->lock);
	}
	return r;
}

void ahead_take(struct ahead *a, struct ahead_file *out)
{
	pthread_mutex_lock(&a->lock);
	while (a->n_read == a->n_taken)
		pthread_cond_wait(&a->turn, &a->lock);
	*out = a->next;
	a->next.doc = NULL;
	a->n_taken++;
	pthread_cond_signal(&a->turn);
	pthread_mutex_unlock(&a->lock);
}

void ahead_end(struct ahead *a)
{
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->turn);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	json_decref(a->next.doc);
	pthread_cond_destroy(&a->turn);
	pthread_mutex_destroy(&a->lock);
}
