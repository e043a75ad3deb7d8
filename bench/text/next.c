#include "bench/text/next.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bench/text/text.h"

#define NAME "twstorm"

static bool is_this_program(const char *file)
{
	struct stat named, running;

	return stat(file, &named) == 0 && stat("/proc/self/exe", &running) == 0 &&
	       named.st_ino == running.st_ino && named.st_dev == running.st_dev;
}

/* As a shell looks: the first that can be run is it, and an empty directory is this one. */
static bool found_by_name(const char *path)
{
	while (path && *path) {
		int len = (int)strcspn(path, ":");
		char *file = text_printf("%.*s%s/" NAME, len, path, len ? "" : ".");
		bool there = access(file, X_OK) == 0, same = is_this_program(file);

		free(file);
		if (there)
			return same;
		path += len;
		path += *path == ':';
	}
	return false;
}

char *next_program(const char *argv0, const char *path)
{
	return found_by_name(path) ? text_dup(NAME) : text_quote(argv0);
}

static void print_prose(FILE *out, const char *text, size_t len)
{
	if (strspn(text, " \t\r\n") >= len)
		return;
	text_say(out, 0, text_printf("%.*s", (int)len, text));
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
	char *program = next_program(program_invocation_name, getenv("PATH"));

	next_print_as(out, text, program);
	free(program);
}
