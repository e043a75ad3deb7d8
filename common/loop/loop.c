#include "common/loop/loop.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/container.h"

static void on_wake(struct watch *w)
{
	struct loop *l = container_of(w, struct loop, wake);
	uint64_t n;

	if (read(w->fd, &n, sizeof(n)) == sizeof(n) && l->woken)
		l->woken(l->arg);
}

/* Nothing to do: the turn ends by itself, and its caller looks at the clock. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Precise: else libevent's clock is a coarse one, and a timer may ring 4 ms early. */
static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config &&
	    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK |
						  EVENT_BASE_FLAG_IGNORE_ENV |
						  EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

static int begin_watching(struct loop *l, struct err *err)
{
	int r = watch_set_init(&l->watches, l->base, err);

	if (r < 0)
		return r;
	watch_init(&l->wake, l, on_wake);
	watch_open(&l->wake, l->wake_fd);
	return watch_keep(&l->wake, err);
}

int loop_init(struct loop *l, void (*woken)(void *arg), void *arg, struct err *err)
{
	int r;

	memset(l, 0, sizeof(*l));
	l->watches.epoll_fd = -1;
	l->woken = woken;
	l->arg = arg;
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->wake_fd == -1)
		return err_sys(err, "eventfd");
	l->base = make_base();
	if (l->base) {
		event_assign(&l->timer, l->base, -1, 0, on_timer, l);
		r = begin_watching(l, err);
	} else {
		r = err_run(err, "libevent could not make an event base");
	}
	if (r < 0)
		loop_done(l);
	return r;
}

void loop_done(struct loop *l)
{
	if (l->base) {
		event_del(&l->timer);
		watch_set_done(&l->watches);
		event_base_free(l->base);
		l->base = NULL;
	}
	if (l->wake_fd != -1)
		close(l->wake_fd);
	l->wake_fd = -1;
}

void loop_wake(struct loop *l)
{
	const uint64_t one = 1;
	int saved = errno;

	if (write(l->wake_fd, &one, sizeof(one)) == -1) {
		/* EAGAIN: a wake-up is pending already */
	}
	errno = saved;
}

static void arm_timer(struct loop *l, uint64_t left_ns)
{
	const struct timeval left = { .tv_sec = (time_t)(left_ns / NS_PER_S),
				      .tv_usec = (suseconds_t)(left_ns % NS_PER_S /
							       NS_PER_US) };

	event_add(&l->timer, &left);
}

/* Whether libevent waits for anything but the set of watches. */
static bool libevent_has_more(const struct loop *l)
{
	return event_base_get_num_events(l->base, EVENT_BASE_COUNT_ADDED |
							  EVENT_BASE_COUNT_ACTIVE) > 1;
}

static void wait_in_libevent(struct loop *l, uint64_t left_ns)
{
	if (left_ns > 0 && left_ns != UINT64_MAX)
		arm_timer(l, left_ns);
	event_base_loop(l->base, EVLOOP_ONCE | (left_ns == 0 ? EVLOOP_NONBLOCK : 0));
	event_del(&l->timer);
}

static void wait_for_events(struct loop *l, uint64_t left_ns)
{
	l->watches.unpolled = 0;
	if (libevent_has_more(l))
		wait_in_libevent(l, left_ns);
	else
		watch_set_wait(&l->watches, left_ns);
}

void loop_turn(struct loop *l, uint64_t now_ns, uint64_t deadline_ns)
{
	uint64_t left_ns = UINT64_MAX;

	l->now_ns = 0;
	if (watch_set_busy(&l->watches) || deadline_ns <= now_ns)
		left_ns = 0;
	else if (deadline_ns != UINT64_MAX)
		left_ns = deadline_ns - now_ns;
	if (!watch_set_looks_first(&l->watches))
		wait_for_events(l, left_ns);
	watch_set_look(&l->watches);
}
