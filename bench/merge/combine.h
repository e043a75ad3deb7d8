/* combine - two figures of one place become one, as the rule of the place says. */
#ifndef TWSTORM_BENCH_MERGE_COMBINE_H
#define TWSTORM_BENCH_MERGE_COMBINE_H

#include <jansson.h>
#include <stdbool.h>
#include "bench/merge/rules.h"

/* What the second figure is of. */
struct combine {
	json_t *missing; /* owned by the caller: path: [first rank, ranks, pass] */
	unsigned seen;   /* results before this one */
	unsigned rank;
	int pass;            /* whatever the caller tells ranks and namespaces apart by */
	bool leads;          /* figures of one rank are this one's (MERGE_LEAD) */
	double offset_s;     /* its start after the first rank's */
	char too_large[200]; /* the path of a sum that has no place; "" = all have */
};

/* have: what there is so far, v: the next; NULL = there is none.  New reference; NULL: nothing is to be
 * set. */
json_t *combine(struct combine *c, const struct merge_place *at, enum merge_how how,
		const json_t *have, const json_t *v);
/* null, new reference; c->missing has one rank more at this place. */
json_t *combine_not_measured(struct combine *c, const struct merge_place *at);

#endif
