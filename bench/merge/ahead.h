/* ahead - reads the next file while the one before is merged: reading JSON is two thirds of a merge's time. */
#ifndef TWSTORM_BENCH_MERGE_AHEAD_H
#define TWSTORM_BENCH_MERGE_AHEAD_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include "common/base/err.h"

/* What came of a file: 0 and its document, or -errno and a sentence. */
struct ahead_file {
	json_t *doc; /* owned; NULL = none */
	struct err err;
	int r;
};

struct ahead {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t turn;
	void (*read)(void *arg, size_t i, struct ahead_file *out); /* on the thread */
	void *arg;                                                 /* borrowed */
	size_t n, n_read, n_taken;
	bool stop;
	struct ahead_file next; /* the one that is read and not taken */
};

/* Starts to read(arg, 0), and so on to n - 1.  0, or -errno with a sentence; then ahead_end() is not called. */
int ahead_start(struct ahead *a, size_t n,
		void (*read)(void *arg, size_t i, struct ahead_file *out), void *arg,
		struct err *err);
/* Waits for the next one, at most n times; the caller owns out->doc. */
void ahead_take(struct ahead *a, struct ahead_file *out);
/* Also before all were taken. */
void ahead_end(struct ahead *a);

#endif
