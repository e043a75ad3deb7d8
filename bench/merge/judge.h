/* judge - what a set of ranks comes to: who is missing, came twice or is of another run; how far
 * apart they began (clocks.h); which of them differ from the others (outliers.h). */
#ifndef TWSTORM_BENCH_MERGE_JUDGE_H
#define TWSTORM_BENCH_MERGE_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include "bench/merge/gather.h"

#define JUDGE_NAMED 20 /* ranks in a sentence, or with one of their own */

struct judge {
	json_t *table;    /* owned: a row for each rank, `merged.table` */
	json_t *problems; /* owned: sentences: why the whole is not complete */
	json_t *warnings; /* owned: sentences */
};

int judge_init(struct judge *j, struct err *err);
void judge_done(struct judge *j);
/* Adds a sentence to a list, as printf() does. */
void judge_say(json_t *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The next rank of the run that is merged, in order; first_ms: when the first of them began. */
void judge_rank(struct judge *j, const struct leaf *l, const json_t *result,
		int64_t first_ms);
/* `merged` of the result, new reference; problems and warnings are then complete. */
json_t *judge_tell(struct judge *j, const struct gather *g);

#endif
