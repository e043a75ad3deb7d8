#include "bench/text/utf8.h"

#include <stddef.h>
#include <stdlib.h>
#include "bench/text/text.h"

/* Shortest forms only, no surrogates, nothing above U+10FFFF (RFC 3629). */
static const struct form {
	unsigned char first, last;   /* of the first byte */
	unsigned char second, until; /* the second byte's range */
	size_t len;
} forms[] = {
	{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* The length of the character at `at`; 0 if it is none. */
static size_t character(const unsigned char *at)
{
	const struct form *f = forms;

	while (f < forms + sizeof(forms) / sizeof(*forms) &&
	       (*at < f->first || *at > f->last))
		f++;
	if (f == forms + sizeof(forms) / sizeof(*forms))
		return 0;
	if (f->len > 1 && (at[1] < f->second || at[1] > f->until))
		return 0;
	for (size_t i = 2; i < f->len; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return f->len;
}

bool utf8_valid(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len;

	for (; *at; at += len) {
		len = character(at);
		if (!len)
			return false;
	}
	return true;
}

json_t *utf8_json(const char *text)
{
	json_t *v;
	char *copy;

	if (!text)
		return json_null();
	copy = text_dup(text);
	for (unsigned char *at = (unsigned char *)copy; *at;) {
		size_t len = character(at);

		if (!len)
			*at = '?';
		at += len ? len : 1;
	}
	v = json_string(copy);
	free(copy);
	return v;
}

const char *utf8_at(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}
