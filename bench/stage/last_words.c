#include "bench/stage/last_words.h"

#include <stdio.h>
#include <string.h>
#include "common/base/utf8.h"

#define MORE "..."

void last_words_add(struct last_words *w, const char *line)
{
	char *to = w->line[w->n++ % LAST_WORDS];
	size_t len = strlen(line);

	if (len < LAST_LINE) {
		memcpy(to, line, len + 1);
		return;
	}
	len = utf8_cut(line, LAST_LINE - sizeof(MORE));
	memcpy(to, line, len);
	memcpy(to + len, MORE, sizeof(MORE));
}

unsigned last_words_kept(const struct last_words *w)
{
	return w->n < LAST_WORDS ? (unsigned)w->n : LAST_WORDS;
}

const char *last_words_at(const struct last_words *w, unsigned i)
{
	return w->line[(w->n - last_words_kept(w) + i) % LAST_WORDS];
}
