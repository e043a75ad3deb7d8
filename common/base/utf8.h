/* utf8 - makes text fit for JSON, whose strings are UTF-8 (jansson decides), and for a terminal, which
 * obeys control characters: what a program printed, a file's name, an argument, a text that was
 * cut. */
#ifndef TWSTORM_COMMON_BASE_UTF8_H
#define TWSTORM_COMMON_BASE_UTF8_H

#include <jansson.h>
#include <stdbool.h>

bool utf8_valid(const char *text);
/* New reference: the text as a JSON string, '?' for each byte that is not UTF-8; NULL: null. */
json_t *utf8_json(const char *text);
/* The way back: the string at a key, borrowed; "" where there is none. */
const char *utf8_at(const json_t *object, const char *key);
/* Does a terminal obey none of it?  No C0, DEL or C1 (in UTF-8 0xc2 0x80-0x9f), but perhaps tabs. */
bool utf8_is_tame(const char *text, bool may_have_tabs);
/* How many bytes of the text there are up to `most`, no character in two. */
size_t utf8_cut(const char *text, size_t most);
/* '?' for each byte of a control character, and for each that is not UTF-8. */
void utf8_tame(char *text, bool may_have_tabs);

#endif
