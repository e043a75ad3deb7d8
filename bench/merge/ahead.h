/* ahead - reads the next files while others are merged: reading JSON is two thirds of a merge's time. */
#ifndef TWSTORM_BENCH_MERGE_AHEAD_H
#define TWSTORM_BENCH_MERGE_AHEAD_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include "common/base/err.h"

#define AHEAD_THREADS 2 /* merging takes a third of a core beside them */
#define AHEAD_FILES                                                                      \
	3 /* read or being read and not yet taken: what the memory is bounded by */

/* What came of a file: 0 and its document, or -errno and a sentence. */
struct ahead_file {
	json_t *doc; /* owned; NULL = none */
	struct err err;
	int r;
};

struct ahead {
	pthread_t threads[AHEAD_THREADS];
	size_t n_threads; /* that were started */
	pthread_mutex_t lock;
	pthread_cond_t turn;
	void (*read)(void *arg, size_t i,
		     struct ahead_file *out); /* on a thread, files side by side */
	void *arg;                            /* borrowed */
	size_t n, n_begun, n_taken;
	bool stop;
	struct {
		bool ready;
		struct ahead_file file;
	} files[AHEAD_FILES]; /* file i at i % AHEAD_FILES */
};

/* Starts to read(arg, 0), and so on to n - 1.  0, or -errno with a sentence; then ahead_end() is not called. */
int ahead_start(struct ahead *a, size_t n,
		void (*read)(void *arg, size_t i, struct ahead_file *out), void *arg,
		struct err *err);
/* Waits for the next one, in order, at most n times; the caller owns out->doc. */
void ahead_take(struct ahead *a, struct ahead_file *out);
/* Also before all were taken. */
void ahead_end(struct ahead *a);

#endif
