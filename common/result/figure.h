/* figure - what the text of a result is made of: its figures by their paths, and lines with a label
 * in front. */
#ifndef TWSTORM_COMMON_RESULT_FIGURE_H
#define TWSTORM_COMMON_RESULT_FIGURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FIGURE_LABEL "%-13s"

/* 0 where there is no such figure. */
uint64_t figure_count(const json_t *doc, const char *path);
double figure_real(const json_t *doc, const char *path);
/* Is it there, and not null? */
bool figure_known(const json_t *doc, const char *path);
bool figure_is(const json_t *doc, const char *path, const char *text);
/* A line, or as many as it takes; label: NULL = from the left edge. */
void figure_say(FILE *to, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
