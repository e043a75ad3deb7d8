/* streams - stdout and stderr that nobody may be reading: a full pipe, a stopped terminal.
 * The descriptors' flags stay as they are, because other processes share them. */
#ifndef TWSTORM_COMMON_CLI_STREAMS_H
#define TWSTORM_COMMON_CLI_STREAMS_H

#include <stddef.h>

/* Once, by main, before anything is printed: from then on
 * - a line on stderr that is not taken within a second is dropped, and so is what follows
 *   until there is room again: messages never hold up a run or its end;
 * - stdout is written as by streams_write(). */
void streams_init(void);

/* Writes all n bytes, in pieces, each when poll() says that there is room.  It waits for room
 * as long as it takes, but after a signal (signals.h) no longer than two seconds, and then not
 * again: -1 with EINTR.  Otherwise 0, or -1 with errno. */
int streams_write(int fd, const char *bytes, size_t n);

/* open() for writing in place; waits for the reader of a FIFO under the same conditions.  The
 * descriptor is non-blocking. */
int streams_open(const char *path);

#endif
