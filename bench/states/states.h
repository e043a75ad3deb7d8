/* states - `twstorm states`: this host's TCP sockets by state, once or every interval, by
 * peer or by port, with the time TIME_WAIT has left.  Reads only.  Totals leave LISTEN out,
 * as netstat does.  CLOSE (bound, but neither listening nor connected) is looked for when
 * --state names it.
 *
 * TWSTORM_PROC_ROOT=DIR in the environment makes it read DIR/net/tcp and its neighbours (and
 * DIR/sys/net/...) instead of asking sock_diag: for tests, and to see what a host without
 * sock_diag would show. */
#ifndef TWSTORM_BENCH_STATES_STATES_H
#define TWSTORM_BENCH_STATES_STATES_H

/* argv[0] is "states".  Prints results on stdout and, if it fails, one sentence on stderr.
 * Returns an exit code of common/base/err.h, or 128 + the signal that ended it. */
int states_main(int argc, char **argv);

#endif
