#include "common/base/utf8.h"

#include <stdlib.h>
#include <string.h>

static bool is_valid(const char *text, size_t len)
{
	json_t *v = json_stringn(text, len);

	json_decref(v);
	return v;
}

bool utf8_valid(const char *text)
{
	return is_valid(text, strlen(text));
}

/* The length of the character at `at`, 1 to 4; 0 if it is none. */
static size_t character(const char *at)
{
	size_t left = strnlen(at, 4);

	for (size_t n = 1; n <= left; n++)
		if (is_valid(at, n))
			return n;
	return 0;
}

/* C1 is, in UTF-8, 0xc2 and the control character. */
static bool is_control(const char *at, bool may_be_tab)
{
	const unsigned char *c = (const unsigned char *)at;

	return (*c < 0x20 && !(may_be_tab && *c == '\t')) || *c == 0x7f ||
	       (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

json_t *utf8_json(const char *text)
{
	json_t *v = text ? json_string(text) : json_null();
	char *copy;

	if (v)
		return v;
	copy = strdup(text);
	for (char *at = copy; at && *at;) {
		size_t n = character(at);

		if (!n)
			*at = '?';
		at += n ? n : 1;
	}
	v = copy ? json_string(copy) : NULL;
	free(copy);
	return v;
}

const char *utf8_at(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

bool utf8_is_tame(const char *text, bool may_have_tabs)
{
	for (; *text; text++)
		if (is_control(text, may_have_tabs))
			return false;
	return true;
}

void utf8_tame(char *text, bool may_have_tabs)
{
	for (size_t n; *text; text += n ? n : 1) {
		n = is_control(text, may_have_tabs) ? 0 : character(text);
		if (!n)
			*text = '?';
	}
}

size_t utf8_cut(const char *text, size_t most)
{
	size_t len = strnlen(text, most);

	while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}
