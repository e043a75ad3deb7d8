/* ledger_book - one ledger while it is written; for ledger.c and ledger_time_wait.c. */
#ifndef TWSTORM_CLIENT_LEDGER_BOOK_H
#define TWSTORM_CLIENT_LEDGER_BOOK_H

#include "client/ledger.h"

struct span {
	uint64_t least, most;
};

struct ledger {
	const struct client_record *run;
	const struct client_tally *sum;
	const struct ledger_facts *facts;
	json_t *checks, *found, *not_compared;
	struct kernel_counters kernel; /* over the run, in the client's namespace */
	struct span strange_opens;     /* active opens of other programs */
	struct span strange_closes;    /* connections of others that ended here */
	uint64_t resets;               /* RST closes of ours */
	uint64_t others;    /* sockets of other programs seen in the namespace */
	uint64_t strangers; /* of them, sockets to our targets, at least */
	bool balanced;
};

static inline uint64_t ledger_over(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* A figure of `ledger.found`, of which common/result/claims.def makes the explanations. */
void ledger_found(struct ledger *l, const char *what, uint64_t n);
/* The same, null if it is negative. */
void ledger_found_if_known(struct ledger *l, const char *what, int64_t n);
/* Our figure, or the least and the most it can be, beside the same as `whose`. */
void ledger_check(struct ledger *l, const char *what, struct span ours, const char *whose,
		  uint64_t figure, bool ok);
void ledger_not_compared(struct ledger *l, const char *what, const char *reason);
/* Closes of ours against the entries to TIME_WAIT, and where the sockets are now. */
void ledger_time_wait(struct ledger *l);

#endif
