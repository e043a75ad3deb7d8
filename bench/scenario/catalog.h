/* catalog - where scenario files are: beside a build, installed, or where a user says. */
#ifndef TWSTORM_BENCH_SCENARIO_CATALOG_H
#define TWSTORM_BENCH_SCENARIO_CATALOG_H

#include <stdio.h>
#include "bench/scenario/scenario.h"
#include "bench/text/text.h"
#include "common/base/err.h"

/* The directory of the shipped scenarios: heap string, or NULL if there is none. */
char *catalog_dir(void);
/* The path of a scenario as typed: NAME or cases/NAME is the file of that name below catalog_dir(); what
 * ends in .ini, or has a '/' elsewhere, is a path as it stands.  Heap string in *path; EXIT_USAGE if
 * catalog_dir() has no such file. */
int catalog_find(const char *word, char **path, struct err *err);
/* Prints every shipped scenario with its one line, those of a folder below a title.  A file with a
 * mistake is named at the end in *err; the others are listed all the same. */
int catalog_print(FILE *out, struct err *err);
/* Calls each() for every shipped scenario with the name that catalog_find() knows it by, in the order of
 * their names, those of a folder last.  A file with a mistake is left out, and is what is returned. */
int catalog_each(void (*each)(const char *name, const struct scenario *sc, void *arg),
		 void *arg, struct err *err);
/* "" where it says nothing. */
const char *catalog_about(const struct scenario *sc);
/* The names of those that `lab run --all` runs: all but the ones set apart. */
int catalog_names(struct words *out, struct err *err);

#endif
