/* compare - the figures of several results side by side, and their ratios to the first's. */
#ifndef TWSTORM_COMMON_RESULT_COMPARE_H
#define TWSTORM_COMMON_RESULT_COMPARE_H

#include <jansson.h>

#define COMPARE_SCHEMA "twstorm.comparison/1"

/* {schema, tool, labels[], titles{PATH}, units{PATH}, figures{PATH: [...]}, ratios{PATH:
 * [...]}}, new reference.  PATH is the figure's place in a result; each list has one value a
 * result, in order: a number, true, false, or null where it was not measured.  A ratio is null
 * where either figure is no number, and where the first is 0.  An errno or a state has a
 * row when any result has one.  Units are "", "s", "us", "/s" and "bytes". */
json_t *compare_results(const json_t *results, const json_t *labels);

#endif
