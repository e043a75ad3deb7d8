/* loop - one thread's event loop: a libevent base without locks, the set of descriptors that
 * are watched (watch.h), and an eventfd by which other threads wake it.
 *
 * For libevent the set is one descriptor; libevent does not give out its own set.  So a thread
 * that has something in libevent (a timer, a signal, HTTP) sleeps in libevent, and a wake-up by our
 * set costs two epoll_wait().  A thread that has nothing there sleeps in our set: one epoll_wait(). */
#ifndef TWSTORM_COMMON_LOOP_H
#define TWSTORM_COMMON_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdint.h>
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/loop/watch.h"

struct loop {
	struct event_base *base;  /* owned */
	struct event timer;       /* embedded: the deadline, while libevent is slept in */
	struct watch wake;        /* embedded: on wake_fd */
	int wake_fd;              /* owned */
	struct watch_set watches; /* embedded */
	uint64_t now_ns;          /* see loop_now(); 0 = not read in this turn */
	void (*woken)(void *arg);
	void *arg;
};

/* woken(arg) runs on the loop's thread after loop_wake(). */
int loop_init(struct loop *l, void (*woken)(void *arg), void *arg, struct err *err);
void loop_done(struct loop *l);
/* From any thread, async-signal-safe. */
void loop_wake(struct loop *l);
/* One turn: waits for events, no longer than until deadline_ns (UINT64_MAX = no limit, or
 * not at all while looks are pending), runs them, then takes the pending looks.  The deadline
 * is kept as well as the thread's timer slack lets it, but rounded up to the millisecond
 * while libevent has something. */
void loop_turn(struct loop *l, uint64_t now_ns, uint64_t deadline_ns);

/* clock_ns() of this turn, read when first asked for after the sleep: one read for a batch of
 * events, and for whatever follows until the next turn. */
static inline uint64_t loop_now(struct loop *l)
{
	if (l->now_ns == 0)
		l->now_ns = clock_ns();
	return l->now_ns;
}

#endif
