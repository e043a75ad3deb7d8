/* read - result files as `twstorm report` takes them: checked, and harmless to print. */
#ifndef TWSTORM_BENCH_REPORT_READ_H
#define TWSTORM_BENCH_REPORT_READ_H

#include <jansson.h>
#include <stdbool.h>
#include "common/base/err.h"

struct report_docs {
	json_t *all;       /* owned: an array of documents, in the order of the files */
	bool are_counts;   /* twstorm.states/1, from one file: one, or a line for each */
	bool is_diagnosis; /* twstorm.doctor/1, one */
	/* Borrowed: the first file that is neither twstorm.result/1 nor twstorm.process/1, since that cannot be compared; NULL = none. */
	const char *page_alone;
};

/* Reads each path ("-" = stdin): documents of twstorm.result/1, twstorm.process/1 and twstorm.probe/1, or counts, or one diagnosis.  0, or
 * -errno and EXIT_USAGE with a sentence that names the file: not there, no JSON, no result, a
 * result of another version, given twice, too long, counts or a diagnosis beside something else. */
int report_read(char *const *paths, int n, struct report_docs *docs, struct err *err);

#endif
