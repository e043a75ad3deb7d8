#include "bench/text/next.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "bench/text/text.h"

#define NAME "twstorm"

static void print_prose(FILE *out, const char *text, size_t len)
{
	if (strspn(text, " \t\r\n") >= len)
		return;
	text_say(out, 0, "%.*s", (int)len, text);
	fputc('\n', out);
}

static void print_command(FILE *out, const char *command, size_t len, const char *program)
{
	const size_t name = strlen(NAME);

	fputs("  ", out);
	if (len > name && strncmp(command, NAME " ", name + 1) == 0) {
		fputs(program, out);
		command += name;
		len -= name;
	}
	fprintf(out, "%.*s\n\n", (int)len, command);
}

void next_print_as(FILE *out, const char *text, const char *program)
{
	const char *from, *to;

	while ((from = strchr(text, '`')) && (to = strchr(from + 1, '`'))) {
		print_prose(out, text, (size_t)(from - text));
		print_command(out, from + 1, (size_t)(to - from - 1), program);
		text = to + 1;
	}
	print_prose(out, text, strlen(text));
}

void next_print(FILE *out, const char *text)
{
	char *program = text_quote(program_invocation_name);

	next_print_as(out, text, program);
	free(program);
}
