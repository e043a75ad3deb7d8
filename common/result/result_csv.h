/* result_csv - the time series of a result for spreadsheets: a row a moment, a column a figure. */
#ifndef TWSTORM_COMMON_RESULT_RESULT_CSV_H
#define TWSTORM_COMMON_RESULT_RESULT_CSV_H

#include <jansson.h>
#include <stdio.h>

/* A cell is empty where the figure was not measured. */
void result_csv(FILE *to, const json_t *result);

#endif
