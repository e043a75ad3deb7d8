/* result_figures - the figures of a result as text: totals, outcomes, ports, states, latencies,
 * costs. */
#ifndef TWSTORM_COMMON_RESULT_RESULT_FIGURES_H
#define TWSTORM_COMMON_RESULT_RESULT_FIGURES_H

#include <jansson.h>
#include <stdio.h>

void result_figures(FILE *to, const json_t *doc);

#endif
