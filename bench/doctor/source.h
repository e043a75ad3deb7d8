/* source - files and standard input, a line at a time, however long: nothing is kept but one line. */
#ifndef TWSTORM_BENCH_DOCTOR_SOURCE_H
#define TWSTORM_BENCH_DOCTOR_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include "common/base/err.h"

/* Of a line longer than SOURCE_LINE the rest is left out; `len` then is more than SOURCE_LINE. */
#define SOURCE_LINE 65536

typedef int source_line_fn(const char *line, size_t len, bool ended, bool last,
			   void *arg);

/* Calls each() for each line of the file ("-" = standard input), until it returns non-zero, and
 * returns that.  0 or -errno: EXIT_USAGE where it cannot be read. */
int source_read(const char *path, source_line_fn *each, void *arg, struct err *err);

#endif
