/* last_words - the last lines that a process said, within bounds, for when it fails. */
#ifndef TWSTORM_BENCH_STAGE_LAST_WORDS_H
#define TWSTORM_BENCH_STAGE_LAST_WORDS_H

#include <stdint.h>

#define LAST_WORDS 8   /* lines */
#define LAST_LINE  400 /* bytes of a line, with its NUL */

struct last_words {
	uint64_t n; /* lines said; the last LAST_WORDS of them are kept */
	char line[LAST_WORDS][LAST_LINE];
};

/* Adds a line, UTF-8; of a long line its beginning and "...". */
void last_words_add(struct last_words *w, const char *line);
/* How many are kept, and the i-th of those, from 0. */
unsigned last_words_kept(const struct last_words *w);
const char *last_words_at(const struct last_words *w, unsigned i);

#endif
