/* watch - waits for a socket in the fewest system calls.  Thousands of sockets, each alive for
 * a millisecond, are kept in an epoll set of their own beside the thread's libevent loop,
 * because a close() takes a socket out of a set by itself: libevent would spend an
 * epoll_ctl(DEL) on each.  loop.h says which of the two a thread sleeps in.
 *
 * A watch first takes one more look (its owner simply tries its system call again in the next
 * turn) and only then asks epoll.  In a busy run most answers are there at the look, so most
 * connections never cost an epoll_ctl() at all; where looks mostly fail (one connection at a
 * time, a distant peer) the set notices and asks epoll at once. */
#ifndef TWSTORM_COMMON_LOOP_WATCH_H
#define TWSTORM_COMMON_LOOP_WATCH_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include "common/base/err.h"

struct loop;
struct watch_set;

#define WATCH_LOOKS_FIRST 8

struct watch {                 /* embedded in what owns the descriptor; one per fd */
	struct watch_set *set; /* borrowed */
	void (*ready)(struct watch *w);
	TAILQ_ENTRY(watch) link; /* on the set's look list while `looking` */
	int fd;                  /* borrowed: its owner closes it */
	short registered;        /* what epoll was asked for; 0 = it does not know fd */
	bool looking, looked;
	bool missed; /* the look that was taken found nothing */
};

struct watch_set {
	struct event readable; /* embedded: the set's descriptor, in the libevent loop */
	TAILQ_HEAD(watch_looks, watch) looks;
	unsigned n_looks;
	int look_score;    /* looks that paid against looks that did not; < 0 = none */
	unsigned skipped;  /* looks not taken for that */
	unsigned unpolled; /* looks taken since epoll was last asked */
	bool no_pwait2;    /* this kernel has no epoll_pwait2() */
	int epoll_fd;      /* owned; -1 = none */
};

int watch_set_init(struct watch_set *set, struct event_base *base, struct err *err);
void watch_set_done(struct watch_set *set); /* before the base is freed */
/* Sleeps until a watch rings or timeout_ns have passed (UINT64_MAX = no limit) and calls
 * ready() of those that rang.  Before Linux 5.11, which brought epoll_pwait2(), the time is
 * rounded up to the millisecond. */
void watch_set_wait(struct watch_set *set, uint64_t timeout_ns);
/* Are there looks to take?  Then the loop must not sleep. */
static inline bool watch_set_busy(const struct watch_set *set)
{
	return set->n_looks > 0;
}
/* Looks are pending, and so few were taken since epoll was last asked that they may go first:
 * with one connection at a time an epoll_wait() before each look would be half of its cost. */
static inline bool watch_set_looks_first(const struct watch_set *set)
{
	return set->n_looks > 0 && set->unpolled + set->n_looks <= WATCH_LOOKS_FIRST;
}
/* Each pending watch gets its look; those that come back wait in epoll from then on. */
void watch_set_look(struct watch_set *set);

void watch_init(struct watch *w, struct loop *l, void (*ready)(struct watch *w));
/* A new socket on this watch. */
static inline void watch_open(struct watch *w, int fd)
{
	w->fd = fd;
	w->looked = false;
}
/* Calls ready() once fd may be readable (EV_READ) or writable (EV_WRITE).  ready() may be
 * called without need; the owner's system call then says EAGAIN and it waits again. */
void watch_wait(struct watch *w, short what);
/* Calls ready() in the next turn, whatever fd does: the caller knows that there is more to
 * do. */
void watch_soon(struct watch *w);
/* Calls ready() once the other end has closed its side (EV_CLOSED), or only once it has reset
 * the connection (WATCH_RESET), and for nothing else: what it sends stays unread.  Never, where
 * epoll has no memory for it. */
#define WATCH_RESET 0x100 /* no EV_ has it */
void watch_end(struct watch *w, short what);
/* Calls ready() whenever fd is readable, until watch_rest() or watch_stop(): for what lives
 * long, a listener or an eventfd.  -errno with a sentence if epoll cannot take it. */
int watch_keep(struct watch *w, struct err *err);
/* The call went through: the next wait begins with a look again. */
static inline void watch_progress(struct watch *w)
{
	w->looked = false;
}
/* No longer interested for now; the socket stays. */
void watch_rest(struct watch *w);
/* Forgets the socket, which lives on elsewhere. */
void watch_stop(struct watch *w);
/* Takes back a look that is pending. */
static inline void watch_unlook(struct watch *w)
{
	TAILQ_REMOVE(&w->set->looks, w, link);
	w->set->n_looks--;
	w->looking = false;
}
/* Forgets the socket, which its owner closes before anything else happens. */
static inline void watch_closing(struct watch *w)
{
	if (w->looking)
		watch_unlook(w);
	w->registered = 0;
	w->looked = false;
	w->fd = -1;
}

#endif
