#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_fill(struct err *err, int code, enum exit_code exit, const char *fmt, ...)
{
	const int no = errno;
	size_t len;
	va_list ap;

	if (!err)
		return code ? code : -no;
	err->code = code ? code : -no;
	err->exit = exit;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	if (code == ERR_ERRNO)
		snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(no));
	return err->code;
}

int err_memory(struct err *err)
{
	return err_fill(err, -ENOMEM, EXIT_CANNOT_RUN, "out of memory");
}

int err_prefix(int r, struct err *err, const char *fmt, ...)
{
	char rest[sizeof(err->text)];
	size_t len;
	va_list ap;

	if (r >= 0 || !err)
		return r;
	memcpy(rest, err->text, sizeof(rest));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", rest);
	return r;
}
