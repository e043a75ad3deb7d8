/* leaf - what a merged result keeps of a rank: its own result without the buckets of its histograms,
 * its series by whole seconds, no story.  Everything in a merged result is made from its leaves, in
 * their order, and from the buckets of all of them added. */
#ifndef TWSTORM_BENCH_MERGE_LEAF_H
#define TWSTORM_BENCH_MERGE_LEAF_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/base/err.h"

#define MERGE_RANKS_MAX 1000000
#define MERGE_TIME_MAX  4102444800000 /* ms: the year 2100 */

struct leaf {
	char *text; /* owned: {"rank", "result", "seconds"} as JSON in one form */
	const char *result,
		*seconds; /* in the text: where the values of these keys begin */
	char *key;        /* owned: the run it is of: schema, ranks, job, configuration */
	unsigned rank, ranks;
	int64_t started_ms, planned_ms; /* since 1970; planned -1: by no --start-at */
	double duration_s;
	double exhausted_s, predicted_s; /* since it started; -1 = never, or not known */
	char space[96],
		server[96];   /* its network namespace, and its server's; "" = unknown */
	int64_t lo, hi, step; /* its seconds */
	bool complete;
	/* Its clock: the server's minus its own, right to error_us; -1 = not known.  clock_host: which
	 * host's the server's clock is; "" = not known. */
	int64_t clock_offset_us, clock_error_us;
	char clock_host[64];
	/* By all ranks of its run (clocks.h): when it began, by the clock in the middle of all; how far
	 * its own clock is ahead of that, right to ahead_error_us; -1 = clocks cannot be compared, and
	 * began_ms is started_ms. */
	int64_t began_ms, ahead_us, ahead_error_us;
};

/* Of a client's result: new reference.  The result is changed: what a leaf lacks is gone. */
json_t *leaf_json(json_t *result);
/* Of leaf_json(), or of a leaf of a merged result: 0, or -EINVAL with a sentence that says what in
 * it cannot be, and nothing to free.  Figures that are no numbers, negative or huge are refused. */
int leaf_read(const json_t *leaf, struct leaf *out, struct err *err);
/* The name of a host's network namespace; "" = not known. */
void leaf_space(const json_t *host, char buf[96]);
void leaf_done(struct leaf *l);
/* By rank, then by text: 0 = the same result. */
int leaf_compare(const struct leaf *a, const struct leaf *b);
/* Of the text as JSON again, new references; NULL without memory. */
json_t *leaf_result(const struct leaf *l);
json_t *leaf_seconds(const struct leaf *l);

#endif
