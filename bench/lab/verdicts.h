/* verdicts - which variants work, with what was seen, what was in force and what it costs. */
#ifndef TWSTORM_BENCH_LAB_VERDICTS_H
#define TWSTORM_BENCH_LAB_VERDICTS_H

#include <jansson.h>
#include <stdio.h>

/* `rows` as judge_row() has them, in the order in which people read them: the baseline, what works, what
 * harms, the others in their order, what showed nothing; new reference. */
json_t *verdicts_sort(const json_t *rows);
/* A variant after the other; nothing of those that were not judged. */
void verdicts_print(FILE *out, const json_t *rows);
/* How many variants got each verdict, a line; nothing of eight variants or fewer, which are seen at a glance.  Some variant
 * has a verdict. */
void verdicts_count(FILE *out, const json_t *rows);

#endif
