#include "common/loop/watch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/system_call.h"
#include "common/loop/loop.h"

#define BATCH 256

/* A look that finds nothing costs a recv(); a look that finds something saves an epoll_ctl()
 * and an event.  So looks pay while one in five finds something.  Where they do not pay,
 * every 32nd look is still taken, and two in a row that find something bring all looks back. */
#define SCORE_MOST   64
#define SCORE_LEAST  -16
#define SCORE_HIT    4
#define SCORE_MISS   -1
#define SCORE_RETURN 8
#define TRY_EVERY    32

static void ring(const struct epoll_event *events, int n)
{
	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;

		/* One handler of this batch may have ended another's socket. */
		if (w->registered)
			w->ready(w);
	}
}

/* libevent was slept in and says that the set has something. */
static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct epoll_event events[BATCH];
	int n = (int)SYSTEM_CALL(epoll_pwait, fd, events, BATCH, 0, NULL);

	(void)what;
	(void)arg;
	ring(events, n);
}

static int rounded_up_ms(uint64_t ns)
{
	return ns < INT_MAX * NS_PER_MS ? (int)((ns + NS_PER_MS - 1) / NS_PER_MS) : -1;
}

static int wait_for(struct watch_set *set, struct epoll_event *events, uint64_t ns)
{
	const struct timespec left = { .tv_sec = (time_t)(ns / NS_PER_S),
				       .tv_nsec = (long)(ns % NS_PER_S) };
	int n;

	if (ns == 0 || ns == UINT64_MAX || set->no_pwait2)
		return (int)SYSTEM_CALL(epoll_pwait, set->epoll_fd, events, BATCH,
					rounded_up_ms(ns), NULL);
	n = (int)SYSTEM_CALL(epoll_pwait2, set->epoll_fd, events, BATCH, &left, NULL);
	if (n == -ENOSYS) {
		set->no_pwait2 = true;
		return wait_for(set, events, ns);
	}
	return n;
}

void watch_set_wait(struct watch_set *set, uint64_t timeout_ns)
{
	struct epoll_event events[BATCH];
	int n = wait_for(set, events, timeout_ns);

	ring(events, n);
}

int watch_set_init(struct watch_set *set, struct event_base *base, struct err *err)
{
	TAILQ_INIT(&set->looks);
	set->n_looks = 0;
	set->look_score = 0;
	set->unpolled = 0;
	set->no_pwait2 = false;
	set->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (set->epoll_fd == -1)
		return err_sys(err, "epoll_create1");
	event_assign(&set->readable, base, set->epoll_fd, EV_READ | EV_PERSIST,
		     on_readable, set);
	if (event_add(&set->readable, NULL) == -1)
		return err_run(err, "libevent could not watch an epoll set");
	return 0;
}

void watch_set_done(struct watch_set *set)
{
	if (set->epoll_fd == -1)
		return;
	event_del(&set->readable);
	close(set->epoll_fd);
	set->epoll_fd = -1;
}

static void score_miss(struct watch_set *set)
{
	set->look_score += SCORE_MISS;
	if (set->look_score < SCORE_LEAST)
		set->look_score = SCORE_LEAST;
}

static void score_hit(struct watch_set *set)
{
	set->look_score += set->look_score < 0 ? SCORE_RETURN : SCORE_HIT;
	if (set->look_score > SCORE_MOST)
		set->look_score = SCORE_MOST;
}

static bool looks_pay(struct watch_set *set)
{
	return set->look_score >= 0 || ++set->skipped % TRY_EVERY == 0;
}

static void look_later(struct watch *w)
{
	w->looking = true;
	TAILQ_INSERT_TAIL(&w->set->looks, w, link);
	w->set->n_looks++;
}

void watch_set_look(struct watch_set *set)
{
	struct watch *w;

	set->unpolled += set->n_looks;
	for (unsigned n = set->n_looks; n > 0 && (w = TAILQ_FIRST(&set->looks)); n--) {
		watch_unlook(w);
		w->looked = true;
		w->missed = false;
		w->ready(w);
		if (w->missed)
			score_miss(set);
		else
			score_hit(set);
	}
}

void watch_init(struct watch *w, struct loop *l, void (*ready)(struct watch *w))
{
	memset(w, 0, sizeof(*w));
	w->set = &l->watches;
	w->ready = ready;
	w->fd = -1;
}

/* Errors and resets ring in any case. */
static uint32_t epoll_events(short what)
{
	switch (what) {
	case EV_READ:
		return EPOLLIN;
	case EV_WRITE:
		return EPOLLOUT;
	case EV_CLOSED:
		return EPOLLRDHUP;
	default:
		return 0;
	}
}

/* Level-triggered: what is not read now rings again. */
static int ask_epoll(struct watch *w, short what)
{
	struct epoll_event e = { .events = epoll_events(what), .data.ptr = w };
	int r;

	if (w->registered == what)
		return 0;
	r = (int)SYSTEM_CALL(epoll_ctl, w->set->epoll_fd,
			     w->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &e);
	if (r == 0)
		w->registered = what;
	return r;
}

int watch_keep(struct watch *w, struct err *err)
{
	int r = ask_epoll(w, EV_READ);

	errno = -r;
	return r == 0 ? 0 : err_sys(err, "epoll_ctl");
}

void watch_wait(struct watch *w, short what)
{
	if (w->looking)
		return;
	w->missed = w->looked;
	if (w->registered == what) /* epoll knows */
		return;
	if (what == EV_READ && !w->registered && !w->looked && looks_pay(w->set)) {
		look_later(w);
	} else if (ask_epoll(w, what) < 0) {
		/* Out of memory or of user watches: fall back to looking at every turn. */
		w->looked = false;
		look_later(w);
	}
}

void watch_soon(struct watch *w)
{
	watch_progress(w);
	if (!w->looking)
		look_later(w);
}

void watch_end(struct watch *w, short what)
{
	if (w->looking)
		watch_unlook(w);
	if (ask_epoll(w, what) < 0)
		watch_rest(w);
}

void watch_rest(struct watch *w)
{
	if (w->looking)
		watch_unlook(w);
	if (w->registered)
		epoll_ctl(w->set->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->registered = 0;
}

void watch_stop(struct watch *w)
{
	watch_rest(w);
	watch_closing(w);
}
