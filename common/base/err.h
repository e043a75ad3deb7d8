/* err - one carrier for "what went wrong": a negative errno, the exit code the program
 * should end with, and one sentence for the person.  Common code fills it and returns;
 * it never prints and never exits.  Only main shows the sentence, once. */
#ifndef TWSTORM_COMMON_BASE_ERR_H
#define TWSTORM_COMMON_BASE_ERR_H

#include <errno.h>

/* What the program's exit code says; documented in twstorm(1).  128 + signal is added for
 * an interrupted run. */
enum exit_code {
	EXIT_COMPLETE = 0,    /* complete, all expectations true */
	EXIT_CANNOT_RUN = 1,  /* could not run */
	EXIT_USAGE = 2,       /* the command line or a scenario file is wrong */
	EXIT_EXPECTATION = 3, /* an expectation failed; the result is complete */
	EXIT_INCOMPLETE = 4,  /* peer lost, rank lost, or nothing ever connected */
	EXIT_NOT_WRITTEN = 5, /* the result could not be written */
	EXIT_NO_SUPPORT = 6,  /* not in this environment; the sentence says why */
};

struct err {
	int code;            /* -errno, or -EINVAL where no system call failed */
	enum exit_code exit; /* what main should return */
	char text[400];      /* one sentence, no newline, no trailing stop */
};

/* Each fills *err (may be NULL) and returns its code, always negative, so that
 * `return err_usage(err, ...)` is the whole error path.  What follows is as for printf().
 * err_sys() and err_write() are for a system call that failed: -errno, and strerror() is put
 * behind the sentence. */
#define err_sys(err, ...)     err_fill(err, ERR_ERRNO, EXIT_CANNOT_RUN, __VA_ARGS__)
#define err_write(err, ...)   err_fill(err, ERR_ERRNO, EXIT_NOT_WRITTEN, __VA_ARGS__)
#define err_run(err, ...)     err_fill(err, -EINVAL, EXIT_CANNOT_RUN, __VA_ARGS__)
#define err_usage(err, ...)   err_fill(err, -EINVAL, EXIT_USAGE, __VA_ARGS__)
#define err_support(err, ...) err_fill(err, -ENOTSUP, EXIT_NO_SUPPORT, __VA_ARGS__)

#define ERR_ERRNO 0 /* the code is that of errno */
int err_fill(struct err *err, int code, enum exit_code exit, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* -ENOMEM and "out of memory", EXIT_CANNOT_RUN. */
int err_memory(struct err *err);
/* Puts "<prefix>: " in front of the sentence that is there if r is negative; returns r. */
int err_prefix(int r, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
