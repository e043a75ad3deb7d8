#include "common/base/token.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/base/file.h"

#define FILE_MAX 65536

static bool is_token(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)text[i]))
			return false;
	return len >= 8;
}

/* A secret that others can read is no secret; a file that others can write has a secret of
 * theirs. */
static int check_mode(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(err, "fstat of %s", path);
	if (!(st.st_mode & (S_IWGRP | S_IROTH | S_IWOTH)))
		return 0;
	return err_usage(err,
			 "%s (mode %04o) can be %s by others than its owner: chmod 600 "
			 "it",
			 path, (unsigned)st.st_mode & 07777,
			 st.st_mode & (S_IWGRP | S_IWOTH) ? "written" : "read");
}

/* The whole file, to be freed. */
static int read_file(const char *path, char **text, struct err *err)
{
	int fd = file_open(path, err), r;
	size_t len;

	if (fd < 0)
		return fd;
	r = check_mode(fd, path, err);
	if (r == 0)
		r = file_read(fd, path, FILE_MAX, FILE_PATIENCE_S, text, &len, err);
	close(fd);
	return r;
}

int token_read(const char *path, char out[TOKEN_MAX], struct err *err)
{
	char line[TOKEN_MAX + 1], *text; /* a character too many */
	int r = read_file(path, &text, err);

	if (r < 0)
		return err_prefix(r, err, "the token file");
	text[strcspn(text, "\r\n")] = '\0';
	snprintf(line, sizeof(line), "%s", text);
	free(text);
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
