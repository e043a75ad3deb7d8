/* catalog - where scenario files are: beside a build, installed, or where a user says. */
#ifndef TWSTORM_BENCH_SCENARIO_CATALOG_H
#define TWSTORM_BENCH_SCENARIO_CATALOG_H

#include <stdio.h>
#include "bench/scenario/scenario.h"
#include "bench/text/text.h"
#include "common/base/err.h"

/* The directory of the shipped scenarios: heap string, or NULL if there is none. */
char *catalog_dir(void);
/* The path of a scenario as typed: a path if it has a '/' or ends in .ini, otherwise a name
 * in catalog_dir().  Heap string in *path; EXIT_USAGE if there is no such file. */
int catalog_find(const char *word, char **path, struct err *err);
/* Prints every shipped scenario with its one line.  A file with a mistake is named at the
 * end in *err; the others are listed all the same. */
int catalog_print(FILE *out, struct err *err);
/* Calls each() for every shipped scenario in the order of their names.  A file with a mistake is
 * left out, and is what is returned. */
int catalog_each(void (*each)(const struct scenario *sc, void *arg), void *arg,
		 struct err *err);
/* "" where it says nothing. */
const char *catalog_about(const struct scenario *sc);
/* The names of those that `lab run --all` runs: all but the ones set apart. */
int catalog_names(struct words *out, struct err *err);

#endif
