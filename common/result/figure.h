/* figure - figures of a result as words: sentences with paths in them, lines with a label in
 * front, and how a figure is printed by its unit.
 *
 *   {FORMULA}         as its unit is read: s "4.00", us "12.3", /s and whole numbers "28,232", others
 *                     "0.0131"; without the unit itself
 *   {FORMULA|N}       with so many decimals and no commas; g: as %g
 *   {FORMULA|WORD}    and what to say where it is not known; else that is 0
 *   {CONDITION?TEXT}  the text if the condition holds; it may have figures in it */
#ifndef TWSTORM_COMMON_RESULT_FIGURE_H
#define TWSTORM_COMMON_RESULT_FIGURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "common/base/wrap.h"
#include "common/result/formula_path.h"

#define FIGURE_LABEL "%-13s"
#define FIGURE_TEXT  1024 /* room for a sentence */

/* A condition (common/result/formula.h) on the result. */
bool figure_holds(const json_t *doc, const char *condition);

/* What stands in braces is a formula or a condition, and each brace is closed?  0 or -EINVAL with EXIT_USAGE. */
int figure_check(const char *sentence, struct err *err);
/* The sentence with its figures; returns buf, which has room for FIGURE_TEXT. */
char *figure_fill(const json_t *doc, const char *sentence, char buf[FIGURE_TEXT]);
/* Tells each() of every path in a sentence; whether it said true of one. */
bool figure_any_path(const char *sentence, formula_path_fn *each, void *arg);

/* A sentence, said if a condition holds; NULL = always. */
struct figure_line {
	const char *label; /* NULL = from the left edge */
	const char *when, *sentence;
};
/* Each on as many lines as it takes. */
void figure_lines(FILE *to, const json_t *doc, const struct figure_line *lines, size_t n);
/* One item of a line of several. */
void figure_item(struct wrap *w, const json_t *doc, const char *sentence);

#endif
