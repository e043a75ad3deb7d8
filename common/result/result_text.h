/* result_text - a result for people, one screen: what happened first, then the figures.  Reads the
 * JSON document, whoever made it. */
#ifndef TWSTORM_COMMON_RESULT_RESULT_TEXT_H
#define TWSTORM_COMMON_RESULT_RESULT_TEXT_H

#include <jansson.h>
#include <stdio.h>

void result_text(FILE *to, const json_t *result);
/* A line for each of the document's "expectations". */
void result_text_expectations(FILE *to, const json_t *doc);

#endif
