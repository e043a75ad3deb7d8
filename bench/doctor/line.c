#include "bench/doctor/line.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0' || c == '\v' || c == '\f';
}

/* Blanks that are no ASCII: U+00A0, U+FEFF. */
static void plain_blanks(struct line *l)
{
	for (size_t i = 0; i < l->len; i++) {
		if (l->text[i] == '\0')
			l->text[i] = ' ';
		if (i + 1 < l->len && memcmp(l->text + i, "\xc2\xa0", 2) == 0)
			memset(l->text + i, ' ', 2);
		if (i + 2 < l->len && memcmp(l->text + i, "\xef\xbb\xbf", 3) == 0)
			memset(l->text + i, ' ', 3);
	}
}

/* A quoting mark of a mail or a table in front of the line. */
static bool is_mark(const char *word)
{
	return (word[0] == '>' || word[0] == '|') && word[1] == '\0';
}

void line_set(struct line *l, const char *bytes, size_t len, bool ended)
{
	char *at;

	l->too_long = len > LINE_BYTES;
	l->len = l->too_long ? LINE_BYTES : len;
	l->ended = ended;
	if (l->len)
		memcpy(l->text, bytes, l->len);
	plain_blanks(l);
	while (l->len && is_blank(l->text[l->len - 1]))
		l->len--;
	l->text[l->len] = '\0';
	l->indented = is_blank(l->text[0]) && l->len;
	memcpy(l->split, l->text, l->len + 1);
	l->n = 0;
	at = l->split;
	while (*at) {
		while (is_blank(*at) && *at)
			at++;
		if (!*at)
			break;
		l->word[l->n] = at;
		while (*at && (!is_blank(*at) || l->n == LINE_WORDS - 1))
			at++;
		if (*at)
			*at++ = '\0';
		if (l->n || !is_mark(l->word[0]))
			l->n++;
		if (l->n == LINE_WORDS)
			break;
	}
}

const char *line_from(const struct line *l, unsigned nth)
{
	return nth < l->n ? l->text + (l->word[nth] - l->split) : "";
}

bool word_number(const char *word, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)*word))
		return false;
	errno = 0;
	*out = strtoull(word, &end, 10);
	return !*end && errno == 0;
}

bool word_hex(const char *word, size_t digits, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		char c = word[i];

		if (!isxdigit((unsigned char)c))
			return false;
		*out = *out << 4 |
		       (unsigned)(isdigit((unsigned char)c) ? c - '0'
							    : (c | 32) - 'a' + 10);
	}
	return true;
}
