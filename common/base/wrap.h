/* wrap - text for people that fits a terminal of 80 columns. */
#ifndef TWSTORM_COMMON_BASE_WRAP_H
#define TWSTORM_COMMON_BASE_WRAP_H

#include <stdio.h>

#define WRAP_COLUMNS 79

/* The words of a text (NULL = none) and a newline.  The first line begins at `column`, where
 * the caller has printed to; the others behind `indent` blanks. */
void wrap_words(FILE *to, int column, int indent, const char *text);

/* The same on lines of so many columns. */
void wrap_within(FILE *to, int columns, int column, int indent, const char *text);

/* Items of several words that are kept whole, two blanks apart, behind a label. */
struct wrap {
	FILE *to;
	int column, indent;
};

/* The label is printed already and ends at column `indent`. */
void wrap_begin(struct wrap *w, FILE *to, int indent);
void wrap_text(struct wrap *w, const char *text); /* NULL = an empty item */

#endif
