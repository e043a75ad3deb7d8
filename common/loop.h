/* loop - one thread's event loop: a libevent base without locks, one timer, one eventfd by
 * which other threads wake it, and the set of sockets that are watched (watch.h). */
#ifndef TWSTORM_COMMON_LOOP_H
#define TWSTORM_COMMON_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/err.h"
#include "common/watch.h"

struct loop {
	struct event_base *base;  /* owned */
	struct event timer, wake; /* embedded */
	int wake_fd;              /* owned */
	struct watch_set watches; /* embedded */
	void (*woken)(void *arg);
	void *arg;
};

/* precise: timers to the microsecond (timerfd) at the price of a system call a turn;
 * otherwise they are rounded up to the millisecond by epoll_wait().
 * woken(arg) runs on the loop's thread after loop_wake(). */
int loop_init(struct loop *l, bool precise, void (*woken)(void *arg), void *arg,
	      struct err *err);
void loop_done(struct loop *l);
/* From any thread, async-signal-safe. */
void loop_wake(struct loop *l);
/* One turn: waits for events, no longer than until deadline_ns (UINT64_MAX = no limit, or
 * not at all while looks are pending), runs them, then takes the pending looks. */
void loop_turn(struct loop *l, uint64_t now_ns, uint64_t deadline_ns);

#endif
