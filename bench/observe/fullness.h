/* fullness - when the ports from one local address to one remote end, or to it from several, were
 * all in use; which states had them then; and when that was to be expected.  From counts at some
 * moments, and the moments at which the TIME_WAIT sockets of such a count began.  Pure. */
#ifndef TWSTORM_BENCH_OBSERVE_FULLNESS_H
#define TWSTORM_BENCH_OBSERVE_FULLNESS_H

#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/tcp_state.h"

/* One full dump, of sockets to that end whose local port is in the range.  Moments are
 * clock_ns(). */
struct fullness_look {
	uint64_t t_ns;
	uint64_t budget; /* ports there are; 0 = not known */
	struct tcp_states in_range;
	uint64_t first_birth_ns, last_birth_ns; /* of its TIME_WAIT, if it has any */
	bool taken_again; /* this host's TIME_WAIT ports were taken again since the start */
};

/* Why nothing is predicted. */
enum fullness_why {
	FULLNESS_FEW,   /* less than a quarter of the ports was ever in use */
	FULLNESS_SOON,  /* all were gone when they were counted first */
	FULLNESS_OPEN,  /* most are open connections: how long these last is not known */
	FULLNESS_AGAIN, /* ports in TIME_WAIT are taken again */
	FULLNESS_RETURNS, /* the first comes back before the last is taken */
	FULLNESS_KNOWN,   /* there is a prediction */
};

struct fullness { /* zeroed */
	uint64_t budget, used_peak;
	bool full;
	bool is_full, was_full; /* at the newest look; at the one before */
	uint64_t full_ns;       /* the first moment from which on all were in use */
	uint64_t within_ns;     /* so much earlier it may have been */
	uint64_t held_ns, held;
	struct tcp_states held_by; /* at held_ns, the first count that found them so */
	uint64_t look_ns;          /* the last look before */
	uint64_t open;             /* ports of open connections then */
	enum fullness_why why;
	uint64_t expected_ns, expected_at_ns; /* of FULLNESS_KNOWN */
};

void fullness_note(struct fullness *f, const struct fullness_look *look);
/* At that moment, before a look that found all in use, a connection found no port. */
void fullness_no_port(struct fullness *f, uint64_t at_ns);
/* A sentence without its full stop; NULL of FULLNESS_KNOWN. */
const char *fullness_reason(enum fullness_why why);

#endif
