/* companion - a child process that works until its parent has it end.  Two pipes lead to and from it: what
 * the parent writes into, or closes, and what the child says, once: that it has begun, or why it could
 * not. */
#ifndef TWSTORM_COMMON_BASE_COMPANION_H
#define TWSTORM_COMMON_BASE_COMPANION_H

#include <sys/types.h>
#include "common/base/err.h"

struct companion {
	int stop, over; /* owned: to and from it; -1 = it was not started */
	pid_t pid;
};
#define COMPANION_NONE ((struct companion){ .stop = -1, .over = -1 })

/* What the child does, with its ends of the pipes: it says how it began, and works until `stop` has
 * something to read, or its end.  Its exit code. */
typedef int companion_fn(const void *plan, int stop, int over);
/* Returns when the child has begun; -errno with its sentence, or `early` where it ended without any. */
int companion_start(struct companion *out, companion_fn *work, const void *plan,
		    const char *early, struct err *err);
/* In the child: 0, or -1 where nobody waits for it any more. */
int companion_begun(int over);
void companion_could_not(int over, const struct err *why);
/* Has it end, and waits until it has. */
void companion_end(struct companion *c);

#endif
