/* series - a scenario's variants one after the other, as often as asked for: each run, what
 * they come to side by side, and DIR/summary.json with all of it. */
#ifndef TWSTORM_BENCH_LAB_SERIES_H
#define TWSTORM_BENCH_LAB_SERIES_H

#include <stdbool.h>
#include <stdio.h>
#include "bench/scenario/scenario.h"
#include "common/base/err.h"
#include "common/cli/opt.h"

struct series_order {
	const char *word;          /* borrowed: the scenario as it was called for */
	const char *dir;           /* borrowed: where results go */
	struct opt_texts variants; /* borrowed: names with commas between; none = all */
	unsigned repeat;           /* 0 = as the scenario says */
	FILE *out;                 /* borrowed: results are told there */
	const char *admin,
		*admin_token_file; /* borrowed: where its page is served, or NULL */
	bool dry_run, keep_going, quiet;
	bool verbose; /* each run is told in full, not only the table of all */
};

/* Whatever can be found wrong before anything runs; EXIT_USAGE. */
int series_check(const struct scenario *sc, const struct series_order *order,
		 struct err *err);
/* Returns an exit code; what went wrong has been said on stderr by then. */
int series_run(const struct scenario *sc, const struct series_order *order);

#endif
