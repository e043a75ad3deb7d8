/* read - result files as `twstorm report` takes them: checked, and harmless to print. */
#ifndef TWSTORM_BENCH_REPORT_READ_H
#define TWSTORM_BENCH_REPORT_READ_H

#include <jansson.h>
#include "common/base/err.h"

/* Reads each path ("-" = stdin) and sets *results to a new array of twstorm.result/1 documents
 * in that order.  0, or -errno and EXIT_USAGE with a sentence that names the file: not there,
 * no JSON, no result, a result of another version, given twice, too long. */
int report_read(char *const *paths, int n, json_t **results, struct err *err);

/* Makes question marks of control characters, which a terminal might obey; also in keys. */
void report_tame(json_t *value);

#endif
