/* verdict - one variant judged by the rules of its file: the first [verdict] whose condition
 * holds on the figures of this run, with the figure that shows it, and every [cost] that
 * holds.  In conditions, `base.` stands before a path of the baseline's result and
 * `part.NAME.` before one of another client or probe of the same run. */
#ifndef TWSTORM_BENCH_JUDGE_VERDICT_H
#define TWSTORM_BENCH_JUDGE_VERDICT_H

#include <jansson.h>
#include "bench/scenario/plan.h"

struct verdict {
	const char *word; /* borrowed; NULL = nothing is to be judged, or nothing held */
	char *figure; /* owned: "totals.connects_ok = 5,000 > 1,500"; NULL if no word */
	struct words costs; /* owned */
};

void verdict_give(const struct plan *p, json_t *doc, struct verdict *out);
void verdict_done(struct verdict *v);

#endif
