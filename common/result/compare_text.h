/* compare_text - several results side by side, for people and for spreadsheets. */
#ifndef TWSTORM_COMMON_RESULT_COMPARE_TEXT_H
#define TWSTORM_COMMON_RESULT_COMPARE_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* Takes what compare_results() makes.  80 columns: the first result and one or two others at a
 * time, each with its ratio to the first.  What is null or 0 for all of them is left out. */
void compare_text(FILE *to, const json_t *comparison);
/* A row a figure: figure, unit, a column a result, a column a ratio (of all but the first). */
void compare_csv(FILE *to, const json_t *comparison);

#endif
