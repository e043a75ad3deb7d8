/* colour - words in colour, for people who look at a terminal. */
#ifndef TWSTORM_COMMON_CLI_COLOUR_H
#define TWSTORM_COMMON_CLI_COLOUR_H

#include <stdbool.h>
#include <stdio.h>

#define COLOUR_RED    "\033[31m"
#define COLOUR_YELLOW "\033[33m"
#define COLOUR_GREEN  "\033[32m"
#define COLOUR_PLAIN  "\033[0m"

/* `to` is a terminal, and NO_COLOR (https://no-color.org) is not set, or empty. */
bool colour_wanted(FILE *to);
/* `is`, or "" where nobody wants colours. */
const char *colour(bool wanted, const char *is);
/* Prints the word, in the colour if `to` wants colours; NULL = in none. */
void colour_word(FILE *to, const char *is, const char *word);

#endif
