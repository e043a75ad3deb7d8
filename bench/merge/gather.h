/* gather - the set of all ranks that are to be merged, whatever order and whatever files they come
 * in: a result is in it once.  Ranks of several runs are kept apart. */
#ifndef TWSTORM_BENCH_MERGE_GATHER_H
#define TWSTORM_BENCH_MERGE_GATHER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "bench/merge/bundle.h"
#include "common/base/hist.h"

#define GATHER_RUNS 16 /* different runs in one merge, at most */

struct gather_run {
	char *key;       /* owned: what its ranks have in common (leaf.h) */
	struct leaf *at; /* owned: n leaves, in order after gather_sort() */
	size_t n, room;
	struct hist timers[GATHER_TIMERS]; /* owned: the buckets of all of them */
};

struct gather {
	struct gather_run runs[GATHER_RUNS];
	size_t n_runs;
	json_t *twice;      /* owned: "rank R": R of each result that came twice */
	json_t *unreadable; /* owned: file: why, of those that may have been a rank's */
	json_t *servers;    /* owned: a server's result by which server it is */
};

int gather_init(struct gather *g, struct err *err);
void gather_done(struct gather *g);

/* Adds what a document holds: a result of a client or of a server, or of an earlier merge.  The
 * document is used up.  0; or a negative errno and a sentence, and nothing has changed: -EINVAL what
 * it holds cannot be, -EEXIST some of its ranks are here already and others are not. */
int gather_add(struct gather *g, json_t *doc, struct err *err);
/* A file that may have been a rank's cannot be read. */
void gather_unreadable(struct gather *g, const char *file, const char *why);
/* Whether the document is of an earlier merge. */
bool gather_is_merged(const json_t *doc);
/* How many ranks there are, of all runs. */
size_t gather_count(const struct gather *g);
/* The keys of `twice`, `unreadable` or `servers` in order, whatever order they came in; to be freed. */
const char **gather_names(const json_t *o, size_t *n);
/* Puts the leaves in order, and the run with the most of them first (of several the first by its
 * key). */
void gather_sort(struct gather *g);

#endif
