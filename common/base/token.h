/* token - the shared secret of the admin listener: read from a file, compared in constant time. */
#ifndef TWSTORM_COMMON_BASE_TOKEN_H
#define TWSTORM_COMMON_BASE_TOKEN_H

#include <stdbool.h>
#include "common/base/err.h"

#define TOKEN_MAX 256

/* The file's first line, 8 to 255 printable characters without blanks.  Refused (EXIT_USAGE)
 * if others than the owner can write the file, or all can read it. */
int token_read(const char *path, char out[TOKEN_MAX], struct err *err);
/* Same text?  Takes as long whatever differs. */
bool token_equal(const char *a, const char *b);

#endif
