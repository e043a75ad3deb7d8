/* table - the figures of several variants below one another, at most 80 columns wide: what
 * does not fit beside is continued in a further block. */
#ifndef TWSTORM_BENCH_LAB_TABLE_H
#define TWSTORM_BENCH_LAB_TABLE_H

#include <jansson.h>
#include <stdio.h>

/* `columns` as judge_columns() has them, `rows` as judge_row(); of several rounds of one
 * variant the median is shown.  Nothing without columns. */
void table_print(FILE *out, const json_t *columns, const json_t *rows);
/* The rows in the order in which people read them: the baseline, what works, what harms, the others in their
 * order, what showed nothing; new reference. */
json_t *table_sorted(const json_t *rows);
/* A variant after the other: verdict, what was seen, what was in force, what it costs. */
void table_verdicts(FILE *out, const json_t *rows);
/* One line a variant: in how many rounds it was as expected. */
void table_rounds(FILE *out, const json_t *rows);

#endif
