#include "bench/stage/shown.h"

#include <stdio.h>
#include <string.h>

char *shown_as_left(char *line)
{
	size_t len = strlen(line);
	char *again;

	while (len && line[len - 1] == '\r')
		line[--len] = '\0';
	again = strrchr(line, '\r');
	return again ? again + 1 : line;
}

void shown_line(struct shown *s, const char *line)
{
	if (s->lines > SHOWN_LINES)
		return;
	if (s->lines++ < SHOWN_LINES)
		fprintf(stderr, "%s\n", line);
	else
		fprintf(stderr,
			"twstorm lab: it says more than %d lines: the rest is not "
			"shown\n",
			SHOWN_LINES);
}
