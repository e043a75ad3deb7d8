/* path - the names of figures: whose result one is of, and whether a result can have it. */
#ifndef TWSTORM_BENCH_FORMULA_PATH_H
#define TWSTORM_BENCH_FORMULA_PATH_H

#include <jansson.h>
#include <stdbool.h>

/* Of a path that `doc` has not: an error that is not listed did not happen, if errors were
 * counted at all. */
bool path_never_happened(json_t *doc, const char *path);

#endif
