/* signals - how a signal ends a command.  The first SIGINT, SIGTERM or SIGHUP asks
 * for an orderly end, with a result; a second one ends the process at once, with exit code 128
 * + signal.  A SIGHUP that was ignored when the program started (nohup) stays ignored.
 * One state for the process; its functions are for the main thread. */
#ifndef TWSTORM_COMMON_BASE_SIGNALS_H
#define TWSTORM_COMMON_BASE_SIGNALS_H

#include <signal.h>
#include <stdatomic.h>
#include "common/base/err.h"

/* The first signal that came, or 0.  Written in this module alone; any thread may read it. */
extern atomic_int signals_got;

/* For every command: a lost pipe and a file size limit are errors of write(), no deaths. */
void signals_ignore(void);
/* In a child before exec: what this program ignores or catches gets its default action, and
 * nothing is blocked. */
void signals_restore(void);

/* From now on the signals are noted.  System calls that a signal interrupts fail with EINTR.
 * Calling it again does nothing. */
int signals_catch(struct err *err);
/* Readable from the first signal on, for poll(); nobody reads it.  -1 before signals_catch(). */
int signals_fd(void);
/* Those that are caught, for code that blocks them and takes them in by itself. */
void signals_set(sigset_t *out);

enum signals_order { SIGNALS_SAME, SIGNALS_FIRST, SIGNALS_SECOND };
/* What a signal means that was taken in by sigwaitinfo() or the like.  SIGNALS_SAME: it came
 * within half a second of the first, as timeout(1) and a terminal that closes send two. */
enum signals_order signals_note(int signo);

#endif
