/* follow - `twstorm states -- COMMAND`: a program on this host as it is, and what it does to its ports.  It only reads: the
 * program's own sockets are known by the descriptors of its processes, everything else is this host's meanwhile, whoever's. */
#ifndef TWSTORM_BENCH_STATES_FOLLOW_H
#define TWSTORM_BENCH_STATES_FOLLOW_H

#include "common/base/err.h"

struct followed;

struct follow_teller {
	int (*tell)(const struct followed *f, const void *arg, struct err *err);
	const void *arg;
};

/* Runs it, argv ended by NULL, and has what came of it told at its end.  An exit code: 0, EXIT_INCOMPLETE where a signal ended
 * the program, 128 + a signal that this process got; or -errno: EXIT_NO_SUPPORT where the program or sock_diag is not here, or
 * what tell() returned. */
int follow(char *const *argv, const struct follow_teller *teller, struct err *err);

#endif
