/* files - the files that a merge is made of, read one after the other: one is in memory at a time. */
#ifndef TWSTORM_BENCH_MERGE_FILES_H
#define TWSTORM_BENCH_MERGE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include "bench/merge/gather.h"

#define FILES_MAX_MIB 32 /* of one file */

/* Reads all of them into a new gather.  paths: files, or directories of which each file *.json is
 * meant; `output` is left out where it is in one.  quiet: what was left out is not said on stderr.
 * 0, or a negative errno and EXIT_USAGE with a sentence; gather_done() in both cases. */
int files_gather(char *const *paths, int n, const char *output, bool quiet,
		 struct gather *g, struct err *err);
/* One document of JSON, as a stranger may have written it: 0, and *doc is a new reference with
 * nothing in it that a terminal would obey.  -EINVAL: no JSON, or cut short; -ENOENT: JSON, but no
 * result of ours; -ESTALE: one of another version. */
int files_parse(const char *text, size_t len, const char *name, json_t **doc,
		struct err *err);

#endif
