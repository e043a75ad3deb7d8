/* output - files that appear whole or not at all (temp + fsync + rename), and stdout whose
 * errors are noticed.  "-" is stdout. */
#ifndef TWSTORM_COMMON_CLI_OUTPUT_H
#define TWSTORM_COMMON_CLI_OUTPUT_H

#include <jansson.h>
#include <stddef.h>
#include "common/base/err.h"

/* 0, or -errno with EXIT_NOT_WRITTEN and the path; no file under that name is touched then.
 * A file that is replaced hands its mode on, and owner and group where we may give them.  A link
 * stays a link, but is not followed where it is another user's in a directory that is sticky and
 * writable for all.
 * An existing file that is not a regular one (/dev/stdout, a fifo) is written in place. */
int output_bytes(const char *path, const char *bytes, size_t n, struct err *err);
/* Pretty-printed with a final newline; keys in the order they were set.  Nothing is written, and
 * the exit code is EXIT_CANNOT_RUN, if memory_check() says that parts may be missing. */
int output_json(const char *path, const json_t *doc, struct err *err);
/* True if a file could be made there now; said before a long run rather than after it. */
int output_check(const char *path, struct err *err);
/* Makes every directory of the path that is not there yet; EXIT_NOT_WRITTEN. */
int output_dirs(const char *path, struct err *err);
/* Flushes stdout; -errno if anything printed there was lost, or by memory_check() if it was made
 * from a document that may lack parts. */
int output_flush_stdout(struct err *err);

#endif
