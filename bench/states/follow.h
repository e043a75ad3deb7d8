/* follow - `twstorm states -- COMMAND`: a program on this host as it is, and what it does to its ports.  It only reads: the
 * program's own sockets are known by the descriptors of its processes, everything else is this host's meanwhile, whoever's. */
#ifndef TWSTORM_BENCH_STATES_FOLLOW_H
#define TWSTORM_BENCH_STATES_FOLLOW_H

#include <stdio.h>
#include "common/base/err.h"

/* Runs it, argv ended by NULL, and tells at its end.  An exit code: 0, EXIT_INCOMPLETE where a signal ended the program,
 * 128 + a signal that this process got; or -errno: EXIT_NO_SUPPORT where the program or sock_diag is not here. */
int follow(char *const *argv, FILE *to, struct err *err);

#endif
