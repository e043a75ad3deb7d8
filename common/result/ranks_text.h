/* ranks_text - a merged result's ranks as a table, a row each. */
#ifndef TWSTORM_COMMON_RESULT_RANKS_TEXT_H
#define TWSTORM_COMMON_RESULT_RANKS_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* Nothing where the result is not merged; the first 64 rows of many. */
void ranks_text(FILE *to, const json_t *result);

#endif
