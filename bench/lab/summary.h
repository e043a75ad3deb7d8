/* summary - what a series comes to, for people: verdicts and figures of all variants, what was not as
 * expected, and where there is more. */
#ifndef TWSTORM_BENCH_LAB_SUMMARY_H
#define TWSTORM_BENCH_LAB_SUMMARY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct summary_from {
	const char *word; /* what the scenario was called for by */
	const char *dir;  /* where its results are */
	bool told; /* each run was told in full before: the summary is the table alone */
	bool reported; /* `twstorm report` reads the results: they are of clients of ours */
};

/* `doc` is summary.json's. */
void summary_print(FILE *out, json_t *doc, const struct summary_from *from);
/* What one run came to: a line for those who wait. */
void summary_line(FILE *out, const json_t *row);

#endif
