#include "common/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int fill(struct err *err, int code, enum exit_code exit, const char *fmt,
		va_list ap) __attribute__((format(printf, 4, 0)));

static int fill(struct err *err, int code, enum exit_code exit, const char *fmt,
		va_list ap)
{
	if (err) {
		err->code = code;
		err->exit = exit;
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
	}
	return code;
}

static void append_strerror(struct err *err, int no)
{
	size_t len;

	if (!err)
		return;
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(no));
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int no = errno;
	va_list ap;

	va_start(ap, fmt);
	fill(err, -no, EXIT_CANNOT_RUN, fmt, ap);
	va_end(ap);
	append_strerror(err, no);
	return -no;
}

int err_write(struct err *err, const char *fmt, ...)
{
	int no = errno;
	va_list ap;

	va_start(ap, fmt);
	fill(err, -no, EXIT_NOT_WRITTEN, fmt, ap);
	va_end(ap);
	append_strerror(err, no);
	return -no;
}

int err_run(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, -EINVAL, EXIT_CANNOT_RUN, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int err_code(struct err *err, int no)
{
	if (err)
		err->code = -no;
	return -no;
}

int err_memory(struct err *err)
{
	err_run(err, "out of memory");
	return err_code(err, ENOMEM);
}

int err_usage(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, -EINVAL, EXIT_USAGE, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int err_support(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, -ENOTSUP, EXIT_NO_SUPPORT, fmt, ap);
	va_end(ap);
	return -ENOTSUP;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	char rest[sizeof(err->text)];
	size_t len;
	va_list ap;

	if (!err)
		return;
	memcpy(rest, err->text, sizeof(rest));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", rest);
}
