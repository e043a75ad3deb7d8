#include "common/token.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_token(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]))
			return false;
	return len >= 8;
}

int token_read(const char *path, char out[TOKEN_MAX], struct err *err)
{
	char line[TOKEN_MAX + 2] = ""; /* a newline, and a character too many */
	FILE *f = fopen(path, "re");

	if (!f) {
		int r = err_sys(err, "cannot read the token file %s", path);

		if (err)
			err->exit = EXIT_USAGE;
		return r;
	}
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (!is_token(line) || strlen(line) >= TOKEN_MAX)
		return err_usage(
			err,
			"the first line of %s must be a token of 8 to 255 printable "
			"characters without blanks",
			path);
	memcpy(out, line, TOKEN_MAX);
	return 0;
}

bool token_equal(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned char differs = la != lb;

	for (size_t i = 0; i < TOKEN_MAX; i++)
		differs |= (unsigned char)(a[i % (la + 1)] ^ b[i % (lb + 1)]);
	return !differs;
}
