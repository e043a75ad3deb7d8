/* formula_path - the names of figures: whose result one is of, whether a result can have it, what
 * it is measured in. */
#ifndef TWSTORM_COMMON_RESULT_FORMULA_PATH_H
#define TWSTORM_COMMON_RESULT_FORMULA_PATH_H

#include <jansson.h>
#include <stdbool.h>
#include "common/base/err.h"

#define PATH_TEXT 160 /* room for the longest */

typedef bool formula_path_fn(const char *path, void *arg);

/* False if no result can have the path: it is misspelt.  True for a result that is not in
 * `doc`, and for a section that a probe does not have, because nothing is known of them. */
bool formula_path_known(json_t *doc, const char *path);
/* For a path that `doc` does not have: an error that is not listed did not happen, if errors
 * were counted at all. */
bool path_never_happened(json_t *doc, const char *path);
/* What the figure at a path of any document is measured in, by the table of all paths, paths.def:
/* The path as people say it: what `twstorm report` calls it, or else its names with blanks between,
 * without the unit.  Returns buf. */
char *path_words(const char *path, char *buf, size_t size);
 * "s", "ms", "us", "ns", "/s", "bytes", "kB", "%"; "" for a plain number, and for a path that no row
 * has. */
/* "ms" of 1e-3; "" of what is no duration. */
const char *path_unit_name(double seconds);
const char *paths_unit(const char *path);
/* Seconds in 1 of a figure that is a duration, 0 of another. */
double path_unit(const char *path);
/* 0 if it is a figure of `skeleton`, or an error that can happen to such a result; else -EINVAL
 * with EXIT_USAGE. */
int path_check(json_t *skeleton, const char *path, struct err *err);

#endif
