#include "bench/doctor/line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000000000000000ull

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\0' || c == '\v' || c == '\f';
}

/* What web pages and editors put in: blanks that are no ASCII, and what has no width. */
static const struct {
	const char *bytes;
	bool is_blank;
} fillers[] = {
	{ "\xc2\xa0", true },      { "\xe2\x80\xaf", true },  { "\xe2\x80\x87", true },
	{ "\xe2\x80\x89", true },  { "\xe2\x80\x82", true },  { "\xe2\x80\x83", true },
	{ "\xe3\x80\x80", true },  { "\xe2\x80\x8b", false }, { "\xef\xbb\xbf", false },
	{ "\xe2\x80\x8e", false }, { "\xe2\x81\xa0", false },
};

/* Bytes of a terminal's colour or title at `at`; 0 = none. */
static size_t escape_at(const char *at, size_t len)
{
	size_t n = 2;

	if (len < 2 || at[0] != '\033')
		return 0;
	if (at[1] == '[')
		while (n < len && at[n] >= 0x20 && at[n] < 0x40)
			n++;
	else if (at[1] == ']')
		while (n < len && at[n] != '\a')
			n++;
	else
		return n;
	return n < len ? n + 1 : n;
}

static size_t filler_at(const char *at, size_t len, bool *is_blank)
{
	for (size_t i = 0; i < sizeof(fillers) / sizeof(fillers[0]); i++) {
		size_t n = strlen(fillers[i].bytes);

		*is_blank = fillers[i].is_blank;
		if (n <= len && memcmp(at, fillers[i].bytes, n) == 0)
			return n;
	}
	return 0;
}

/* Leaves text with plain blanks. */
static void make_plain(struct line *l)
{
	size_t n = 0, step;

	for (size_t i = 0; i < l->len; i += step) {
		unsigned char c = (unsigned char)l->text[i];
		bool is_blank = c == '\0';

		step = escape_at(l->text + i, l->len - i);
		if (!step && c >= 0xc2)
			step = filler_at(l->text + i, l->len - i, &is_blank);
		if (!step) {
			step = 1;
			l->text[n++] = is_blank ? ' ' : (char)c;
		} else if (is_blank) {
			l->text[n++] = ' ';
		}
	}
	l->len = n;
}

/* A row of a table of Markdown or the like: "| TIME_WAIT | 28111 |". */
static bool is_table(const struct line *l)
{
	size_t begin = 0, end = l->len;

	while (begin < end && is_blank(l->text[begin]))
		begin++;
	while (end > begin && is_blank(l->text[end - 1]))
		end--;
	return end - begin > 1 && l->text[begin] == '|' && l->text[end - 1] == '|';
}

/* The quoting marks of mails in front of the line are as good as blanks, and the lines of tables are. */
static void blank_marks(struct line *l)
{
	bool table = is_table(l);

	for (size_t i = 0; i < l->len && (table || is_blank(l->text[i]) ||
					  l->text[i] == '>' || l->text[i] == '|');
	     i++)
		if (l->text[i] == '|' || (!table && !is_blank(l->text[i])))
			l->text[i] = ' ';
}

void line_set(struct line *l, const char *bytes, size_t len, bool ended)
{
	char *at;

	l->too_long = len > LINE_BYTES;
	l->len = l->too_long ? LINE_BYTES : len;
	l->ended = ended;
	if (l->len)
		memcpy(l->text, bytes, l->len);
	make_plain(l);
	blank_marks(l);
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
		if (++l->n == LINE_WORDS)
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
	*out = strtoull(word, &end, 10);
	return !*end && *out <= MOST;
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
