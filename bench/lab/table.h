/* table - the figures of several variants below one another, at most 80 columns wide: what
 * does not fit beside is continued in a further block. */
#ifndef TWSTORM_BENCH_LAB_TABLE_H
#define TWSTORM_BENCH_LAB_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* `columns` as judge_columns() has them, `rows` as judge_row(); of several rounds of one
 * variant the median is shown, or, where the title ends in "..", the lowest and the highest.  Nothing without columns. */
void table_print(FILE *out, const json_t *columns, const json_t *rows);
/* {VARIANT: its rounds} in the order of their first rows, new reference; how wide the names are. */
json_t *table_variants(const json_t *rows);
unsigned table_names(json_t *variants);
/* That each variant was as expected, and an empty line.  Of several rounds: in how many rounds each was, a line a variant, or
 * one line for many if all were.  Of one round nothing is printed if a variant was not, or if nothing was expected. */
void table_expected(FILE *out, const json_t *rows, bool rounds);

#endif
