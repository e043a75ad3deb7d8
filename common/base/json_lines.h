/* json_lines - JSON that people read and files keep: indented, except that an array of numbers that fits in a line is one.  A
 * histogram's bucket is then a line, not four, and a result a quarter smaller. */
#ifndef TWSTORM_COMMON_BASE_JSON_LINES_H
#define TWSTORM_COMMON_BASE_JSON_LINES_H

#include <jansson.h>

/* Heap text without a newline at its end; NULL without memory, or if it is no JSON (a real that is not finite). */
char *json_lines(const json_t *doc);

#endif
