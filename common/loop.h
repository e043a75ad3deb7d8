/* loop - one thread's event loop: a libevent base without locks, one timer, one eventfd by
 * which other threads wake it, and `watch`, the cheapest way to wait for a socket.
 *
 * A watch first takes one more look (the caller simply tries its system call again in the
 * next turn) and only then asks epoll.  In a busy run most answers are there at the look, so
 * most connections never cost an epoll_ctl() at all. */
#ifndef TWSTORM_COMMON_LOOP_H
#define TWSTORM_COMMON_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include "common/err.h"

struct loop;

struct watch {              /* embedded in what owns the socket; one per fd */
	struct event event; /* registered only while `registered` */
	struct loop *loop;  /* borrowed */
	void (*ready)(struct watch *w);
	TAILQ_ENTRY(watch) link; /* on the loop's look list while `looking` */
	int fd;                  /* borrowed: its owner closes it after watch_stop() */
	short registered;        /* EV_READ or EV_WRITE while epoll knows it, else 0 */
	bool looking, looked;
};

struct loop {
	struct event_base *base;  /* owned */
	struct event timer, wake; /* embedded */
	int wake_fd;              /* owned */
	TAILQ_HEAD(loop_looks, watch) looks;
	unsigned n_looks;
	void (*woken)(void *arg);
	void *arg;
	bool precise;
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

void watch_init(struct watch *w, struct loop *l, void (*ready)(struct watch *w));
/* A new socket on this watch. */
void watch_open(struct watch *w, int fd);
/* Calls ready() once fd may be readable (EV_READ) or writable (EV_WRITE).  ready() may be
 * called without need; the caller's system call then says EAGAIN and it waits again. */
void watch_wait(struct watch *w, short what);
/* The call went through: the next wait begins with a look again. */
static inline void watch_progress(struct watch *w)
{
	w->looked = false;
}
/* No longer interested for now; the socket stays. */
void watch_rest(struct watch *w);
/* Forgets the socket; the owner may close it now. */
void watch_stop(struct watch *w);

#endif
