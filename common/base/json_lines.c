#include "common/base/json_lines.h"

#include <stdbool.h>
#include <string.h>

#define INDENT 2
#define LINE   100 /* characters of an array, the blanks of its lines not counted */

/* Behind the string that begins here.  Where memory was short in the middle of a dump the text is cut off. */
static const char *string_end(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		at += *at == '\\' && at[1];
	return at + (*at == '"');
}

/* The ']' of an array of a few numbers that begins here; NULL if it is no such array. */
static const char *numbers_end(const char *at)
{
	size_t n = 0;

	for (at++; *at && strchr("0123456789+-.eE,\n ", *at); at++)
		n += *at > ' ';
	return *at == ']' && n <= LINE ? at : NULL;
}

/* In place: a line's end and its blanks are more than the blank that stands for them. */
static void join_numbers(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from) {
		const char *end = *from == '"'   ? string_end(from)
				  : *from == '[' ? numbers_end(from)
						 : NULL;
		bool numbers = *from == '[' && end;

		end = end ? end : from + 1;
		for (; from < end; from++) {
			if (numbers && (*from == '\n' || *from == ' '))
				continue;
			*to++ = *from;
			if (numbers && *from == ',')
				*to++ = ' ';
		}
	}
	*to = '\0';
}

char *json_lines(const json_t *doc)
{
	char *text = json_dumps(doc, JSON_INDENT(INDENT) | JSON_REAL_PRECISION(9));

	if (text)
		join_numbers(text);
	return text;
}
