/* formula_path - the names of figures: whose result one is of, whether a result can have it, what
 * it is measured in. */
#ifndef TWSTORM_COMMON_RESULT_FORMULA_PATH_H
#define TWSTORM_COMMON_RESULT_FORMULA_PATH_H

#include <jansson.h>
#include <stdbool.h>
#include "common/base/err.h"

#define PATH_TEXT    160 /* room for the longest */
#define PATH_LETTERS 8

/* What stands before a path of the i-th of several results, from 0: "a", "b", ... "z", "aa"; returns buf. */
char *path_letter(size_t i, char buf[PATH_LETTERS]);

typedef bool formula_path_fn(const char *path, void *arg);

/* For a path that `doc` does not have: an error that is not listed did not happen, if errors
 * were counted at all. */
bool path_never_happened(json_t *doc, const char *path);
/* What the figure at a path of any document is measured in, by the table of all paths, paths.def:
 * "s", "ms", "us", "ns", "/s", "bytes", "kB", "%"; "" for a plain number, and for a path that no row
 * has. */
const char *paths_unit(const char *path);
/* The path as people say it: what `twstorm report` calls it, or else its names with blanks between,
 * without the unit.  Returns buf. */
char *path_words(const char *path, char *buf, size_t size);
/* Seconds in 1 of a figure that is a duration, 0 of another. */
double path_unit(const char *path);
/* "ms" of 1e-3; "" of what is no duration. */
const char *path_unit_name(double seconds);
/* 0 if it is a figure of `skeleton`, or an error that can happen to such a result; else -EINVAL
 * with EXIT_USAGE, and the figure that was meant if one has nearly that name. */
int path_check(json_t *skeleton, const char *path, struct err *err);
/* The same of a whole run's: with base. and part.NAME.  Of a result that is not in it nothing can
 * be said: 0. */
int path_check_run(json_t *skeleton, const char *path, struct err *err);

#endif
