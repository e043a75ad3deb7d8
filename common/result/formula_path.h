/* formula_path - the names of figures: whose result one is of, whether a result can have it, what
 * it is measured in. */
#ifndef TWSTORM_COMMON_RESULT_FORMULA_PATH_H
#define TWSTORM_COMMON_RESULT_FORMULA_PATH_H

#include <jansson.h>
#include <stdbool.h>
#include "common/base/err.h"

#define PATH_TEXT 160 /* room for the longest */

/* Of a path that `doc` has not: an error that is not listed did not happen, if errors were
 * counted at all. */
bool path_never_happened(json_t *doc, const char *path);
/* Seconds in 1 of a figure that is a duration, 0 of another. */
double path_unit(const char *path);
/* 0 if it is a figure of `skeleton`, or an error that can happen to such a result; else -EINVAL
 * with EXIT_USAGE. */
int path_check(json_t *skeleton, const char *path, struct err *err);

#endif
