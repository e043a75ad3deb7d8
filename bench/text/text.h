/* text - words and lines for the lab: splitting a line of arguments as a shell would,
 * printing a command line so that a person can paste it, wrapping sentences at 78 columns.
 * The lab's strings are few and short, so running out of memory here ends the program, with a
 * sentence and exit code 1. */
#ifndef TWSTORM_BENCH_TEXT_TEXT_H
#define TWSTORM_BENCH_TEXT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "common/base/err.h"

/* A growing list of heap strings, ended by NULL so that it can be an argv. */
struct words {
	char **at; /* owned, with what it points to; NULL when empty */
	size_t n;
};

/* p; but where it is NULL, says that there is no memory and ends the program with exit code 1. */
void *text_checked(void *p);
char *text_dup(const char *s);
char *text_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A file or part name: letters, digits, '-' and '_', beginning with a letter or digit. */
bool text_is_name(const char *s);

void words_add(struct words *w, char *owned);
void words_done(struct words *w);
/* Copies of those of `from` after the first `skipped`: argv's that may be permuted. */
void words_copy(struct words *w, const struct words *from, size_t skipped);
/* Appends the words of `line`: blanks separate, '...' and "..." keep blanks, nothing is
 * expanded.  -EINVAL (EXIT_USAGE) for a quote that is not closed. */
int words_split(struct words *w, const char *line, struct err *err);
/* All of them with `between` between two; heap string. */
char *words_join(const struct words *w, const char *between);

/* `word` as a shell needs it: quoted only where it must be; heap string. */
char *text_quote(const char *word);
/* Prints the command after `prompt`, broken with " \" so that no line passes 80 columns
 * (a single longer word apart). */
void text_command(FILE *out, const char *prompt, char *const *argv);
/* Prints a paragraph, each line after `indent` blanks. */
void text_wrap(FILE *out, unsigned indent, const char *sentence);
/* The same, as printf(). */
void text_say(FILE *out, unsigned indent, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
