/* kept - what a process said, stdout and stderr as they came, within bounds: the first half of
 * KEPT_MOST bytes and the last.  The keeper writes it to a file in memory, the runner reads it
 * there once the process has ended. */
#ifndef TWSTORM_BENCH_STAGE_KEPT_H
#define TWSTORM_BENCH_STAGE_KEPT_H

#include <stddef.h>
#include <stdint.h>

#define KEPT_MOST (1 << 20) /* bytes */

struct kept {
	int fd;           /* borrowed: the file in memory; -1 = nothing is kept */
	uint64_t *bytes;  /* borrowed: how many were said so far; shared memory */
	char waits[4096]; /* not written yet */
	size_t n_waits;
};

/* Adds n bytes; they are written at the latest by kept_flush(). */
void kept_add(struct kept *k, const char *text, size_t n);
void kept_flush(struct kept *k);
/* All that was kept of so many bytes, with a line that says what is left out; heap, *len bytes and
 * a NUL. */
char *kept_read(int fd, uint64_t bytes, size_t *len);

#endif
