/* bundle - leaves that came in one document, and the buckets of them all, which hold as many values as
 * the leaves say. */
#ifndef TWSTORM_BENCH_MERGE_BUNDLE_H
#define TWSTORM_BENCH_MERGE_BUNDLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "bench/merge/leaf.h"

#define CLIENT_TIMER(field, name, ...) GATHER_##field,
enum gather_timer {
#include "common/result/paths.def"
	GATHER_TIMERS
};
extern const char *const gather_timer_names[GATHER_TIMERS];

struct bundle {
	struct leaf *at; /* owned: n leaves of one run, in order */
	size_t n;
	json_t *buckets[GATHER_TIMERS];  /* owned; NULL = not timed */
	uint64_t counted[GATHER_TIMERS]; /* values that the leaves say they have */
};

/* Of a client's result, which is used up; of an earlier merge's list of ranks, with an object that has
 * the buckets.  0, or a negative errno and a sentence; bundle_done() in both cases. */
int bundle_of_result(json_t *doc, struct bundle *b, struct err *err);
int bundle_of_merged(const json_t *ranks, const json_t *buckets, struct bundle *b,
		     struct err *err);
void bundle_done(struct bundle *b);

#endif
