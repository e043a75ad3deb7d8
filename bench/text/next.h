/* next - the paragraph after a scenario that went well: what a reader may want to do next.
 * `Commands` in it stand on lines of their own, to be pasted as they are. */
#ifndef TWSTORM_BENCH_TEXT_NEXT_H
#define TWSTORM_BENCH_TEXT_NEXT_H

#include <stdio.h>

/* What a shell calls this very program by: "twstorm" if `path`, as in $PATH (may be NULL), leads
 * to it, else argv0 as it was started, quoted if need be.  Heap string. */
char *next_program(const char *argv0, const char *path);
/* Prints text, wrapped, and an empty line; what is between backticks as a line of its own, in
 * which a first word "twstorm" becomes `program`. */
void next_print_as(FILE *out, const char *text, const char *program);
/* The same with this program's own. */
void next_print(FILE *out, const char *text);

#endif
