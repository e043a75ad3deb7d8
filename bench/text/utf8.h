/* utf8 - JSON strings are UTF-8; what a program says, a file's name or a text that was cut need
 * not be. */
#ifndef TWSTORM_BENCH_TEXT_UTF8_H
#define TWSTORM_BENCH_TEXT_UTF8_H

#include <jansson.h>
#include <stdbool.h>

bool utf8_valid(const char *text);
/* New reference: the text as a JSON string, '?' for each byte that is not UTF-8; NULL: null. */
json_t *utf8_json(const char *text);
/* The way back: the string at a key, borrowed; "" where there is none. */
const char *utf8_at(const json_t *object, const char *key);

#endif
