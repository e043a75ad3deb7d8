/* hold - holds an exact number of TCP sockets in each state, all at once, in the network
 * namespace of the caller ("the host", our end).  The other ends are in another namespace,
 * the peer's, so that they do not count here: a socket stays where it was made.
 *
 * One thread.  All waiting is in the caller's pause(), which a signal ends. */
#ifndef TWSTORM_BENCH_HOLD_HOLD_H
#define TWSTORM_BENCH_HOLD_HOLD_H

#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/addr.h"
#include "common/base/err.h"
#include "common/kernel/tcp_state.h"

/* How long a TIME_WAIT is there of itself, with a margin for making them: 60 s. */
#define HOLD_TIME_WAIT_S 45
/* A SYN is sent again 127 times at most (TCP_SYNCNT), and a handshake waits as long, which takes
 * longer. */
#define HOLD_MAX_S (3 * 3600)

struct hold_plan {
	struct tcp_states mix;  /* wanted; see mix.h */
	struct addr address;    /* ours, IPv4; port 0 */
	const char *peer_netns; /* borrowed: file of the peer's namespace */
	bool renew;             /* TIME_WAIT must last longer than HOLD_TIME_WAIT_S */
	/* Waits that long (0 = only looks whether it should end): 0, or -EINTR etc. to end. */
	int (*pause)(void *arg, uint64_t ns, struct err *err);
	void *arg;
};

struct hold;

/* Refuses a plan that is not possible, before any socket is made: too few descriptors or
 * TIME_WAIT buckets, no right to enter the peer's namespace, sockets that are there
 * already.  0 or -errno with a sentence. */
int hold_open(const struct hold_plan *plan, struct hold **out, struct err *err);
/* Makes them all and returns when the kernel shows them all. */
int hold_build(struct hold *h, struct err *err);
/* Counts every TCP socket of the host, those that are only bound as CLOSE.  Where plan->renew it
 * also renews a share of TIME_WAIT: call it several times a second. */
int hold_count(struct hold *h, struct tcp_states *out, struct err *err);
/* What hold_count() should find: the mix, and listeners that SYN_RECV cannot do without. */
const struct tcp_states *hold_wanted(const struct hold *h);
bool hold_is_exact(const struct hold *h, const struct tcp_states *counted);
/* Resets what is held and frees; TIME_WAIT stays, it has no owner.  NULL-safe. */
void hold_close(struct hold *h);

/* In a sentence, how sockets of a state are made and held; NULL for none. */
const char *hold_how(unsigned state);

#endif
