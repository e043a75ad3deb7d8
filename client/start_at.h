/* start_at - many machines begin together by the clock: --start-at waits for the moment, and
 * refuses when it is past. */
#ifndef TWSTORM_CLIENT_START_AT_H
#define TWSTORM_CLIENT_START_AT_H

#include <stdatomic.h>
#include <stdint.h>
#include "common/base/err.h"

struct loop;

/* -EINVAL with EXIT_USAGE where text is no time, -ETIME with EXIT_NO_SUPPORT where it is past;
 * NULL is fine. */
int start_at_check(const char *text, struct err *err);
/* Waits on the loop until the moment (text: epoch seconds, RFC 3339 in UTC; NULL: at once)
 * and stores it in monotonic time.  Ends early when *interrupted becomes non-zero.
 * Errors as of start_at_check(). */
int start_at_wait(const char *text, struct loop *l, atomic_int *interrupted,
		  uint64_t *begin_ns, struct err *err);
/* "1732256520.5", "2026-11-22T06:22:00Z", "2026-11-22T06:22:00.250Z" to wall ns; pure. */
int start_at_parse(const char *text, uint64_t *wall_ns, struct err *err);

#endif
