/* err - one carrier for "what went wrong": a negative errno, the exit code the program
 * should end with, and one sentence for the person.  Common code fills it and returns;
 * it never prints and never exits.  Only main shows the sentence, once. */
#ifndef TWSTORM_COMMON_BASE_ERR_H
#define TWSTORM_COMMON_BASE_ERR_H

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
 * `return err_usage(err, ...)` is the whole error path.  err_sys() takes errno first and
 * appends ": <strerror>"; its exit code is EXIT_CANNOT_RUN. */
int err_sys(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_run(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_usage(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int err_support(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The sentence that is there already stands for this errno: returns -no. */
int err_code(struct err *err, int no);
/* -ENOMEM and "out of memory", EXIT_CANNOT_RUN. */
int err_memory(struct err *err);
/* Like err_sys(), but the exit code is EXIT_NOT_WRITTEN. */
int err_write(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Puts "<prefix>: " in front of the sentence already there. */
void err_prefix(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
