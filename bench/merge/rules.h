/* rules - how each figure of a merged result comes from those of its ranks: the table rules.def. */
#ifndef TWSTORM_BENCH_MERGE_RULES_H
#define TWSTORM_BENCH_MERGE_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
#define MERGE_HOWS(X)                                                     \
	X(SUM) X(TALLY) X(MIN) X(MAX) X(FIRST) X(LAST) X(SAME) X(SOME)    \
	X(EVERY) X(ANY) X(LEAD) X(LEAD_AT) X(ONCE) X(ONCE_SERVER)         \
	X(PORTS) X(SPAN) X(KEY) X(MADE) X(LEFT)
/* clang-format on */

#define X(name) MERGE_##name,
enum merge_how { MERGE_NONE, MERGE_HOWS(X) };
#undef X

#define MERGE_DEPTH 8 /* keys of a path */

/* A place in a document: its keys; that of an array ends with "[]". */
struct merge_place {
	const char *key[MERGE_DEPTH]; /* borrowed */
	unsigned n;
};

/* MERGE_NONE: no row.  A row that ends with `**` counts for its own place as well. */
enum merge_how merge_rule(const struct merge_place *at);
/* A rule that makes one number, or truth, of several. */
bool merge_is_of_numbers(enum merge_how how);
/* What becomes of an object that is null instead: the first rule of what would be in it
 * that is not MADE. */
enum merge_how merge_rule_inside(const struct merge_place *at);

#endif
