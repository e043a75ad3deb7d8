#include "common/token.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_token(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]))
			return false;
	return len >= 8;
}

/* A secret that others can read is none, and one that they can write is theirs. */
static int check_mode(FILE *f, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fileno(f), &st) == -1)
		return err_sys(err, "fstat of the token file %s", path);
	if (!(st.st_mode & (S_IWGRP | S_IROTH | S_IWOTH)))
		return 0;
	return err_usage(err,
			 "the token file %s (mode %04o) can be %s by others than its "
			 "owner: chmod 600 it",
			 path, (unsigned)st.st_mode & 07777,
			 st.st_mode & (S_IWGRP | S_IWOTH) ? "written" : "read");
}

int token_read(const char *path, char out[TOKEN_MAX], struct err *err)
{
	char line[TOKEN_MAX + 2] = ""; /* a newline, and a character too many */
	FILE *f = fopen(path, "re");
	int r;

	if (!f) {
		r = err_sys(err, "cannot read the token file %s", path);
		if (err)
			err->exit = EXIT_USAGE;
		return r;
	}
	r = check_mode(f, path, err);
	if (r < 0) {
		fclose(f);
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
