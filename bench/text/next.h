/* next - the paragraph after a scenario that went well: what a reader may want to do next.
 * `Commands` in it stand on lines of their own, to be pasted as they are. */
#ifndef TWSTORM_BENCH_TEXT_NEXT_H
#define TWSTORM_BENCH_TEXT_NEXT_H

#include <stdio.h>

/* Prints text, wrapped, and an empty line; what is between backticks as a line of its own, in
 * which a first word "twstorm" becomes `program`. */
void next_print_as(FILE *out, const char *text, const char *program);
/* The same with what this program was started as, quoted if need be. */
void next_print(FILE *out, const char *text);

#endif
