/* file - reads a whole file that somebody else wrote: no more of it than fits, and no longer
 * than a person would wait where it is a FIFO or a device. */
#ifndef TWSTORM_COMMON_BASE_FILE_H
#define TWSTORM_COMMON_BASE_FILE_H

#include <jansson.h>
#include <stddef.h>
#include "common/base/err.h"

#define FILE_PATIENCE_S 10

/* A descriptor to read from: opening does not wait for anybody.  -errno, also for a directory;
 * EXIT_USAGE with "cannot read PATH: ...". */
int file_open(const char *path, struct err *err);
/* Reads to the end.  *out (to be freed) has a NUL behind its *len bytes.  -errno with EXIT_USAGE:
 * -EFBIG for more than `most` bytes, -ETIMEDOUT where the end has not come after patience_s
 * seconds (0 = there is no limit); `name` is what the sentence calls it. */
int file_read(int fd, const char *name, size_t most, unsigned patience_s, char **out,
	      size_t *len, struct err *err);
/* Both, with FILE_PATIENCE_S. */
int file_read_path(const char *path, size_t most, char **out, size_t *len,
		   struct err *err);
/* The JSON of a file in memory (memfd_create()), from its beginning; new reference, or NULL. */
json_t *file_json(int fd);

#endif
