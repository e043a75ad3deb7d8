#include "common/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) == sizeof(n) && l->woken)
		l->woken(l->arg);
}

/* Nothing to do: the turn ends by itself, and its caller looks at the clock. */
static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static struct event_base *make_base(bool precise)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;
	int flags = EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
		    (precise ? EVENT_BASE_FLAG_PRECISE_TIMER : 0);

	if (config && event_config_set_flag(config, flags) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int loop_init(struct loop *l, bool precise, void (*woken)(void *arg), void *arg,
	      struct err *err)
{
	int r;

	memset(l, 0, sizeof(*l));
	l->watches.epoll_fd = -1;
	l->woken = woken;
	l->arg = arg;
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->wake_fd == -1)
		return err_sys(err, "eventfd");
	l->base = make_base(precise);
	if (!l->base) {
		r = err_run(err, "libevent could not make an event base");
		goto fail;
	}
	event_assign(&l->wake, l->base, l->wake_fd, EV_READ | EV_PERSIST, on_wake, l);
	event_assign(&l->timer, l->base, -1, 0, on_timer, l);
	if (event_add(&l->wake, NULL) == -1) {
		r = err_run(err, "libevent could not watch an eventfd");
		goto fail;
	}
	r = watch_set_init(&l->watches, l->base, err);
	if (r == 0)
		return 0;
fail:
	loop_done(l);
	return r;
}

void loop_done(struct loop *l)
{
	if (l->base) {
		if (event_initialized(&l->wake))
			event_del(&l->wake);
		if (event_initialized(&l->timer))
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

static void arm_timer(struct loop *l, uint64_t now_ns, uint64_t deadline_ns)
{
	uint64_t left = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
	struct timeval tv = { .tv_sec = (time_t)(left / NS_PER_S),
			      .tv_usec = (suseconds_t)(left % NS_PER_S / NS_PER_US) };

	event_add(&l->timer, &tv);
}

void loop_turn(struct loop *l, uint64_t now_ns, uint64_t deadline_ns)
{
	bool busy = watch_set_busy(&l->watches) || deadline_ns <= now_ns;

	if (!busy && deadline_ns != UINT64_MAX)
		arm_timer(l, now_ns, deadline_ns);
	event_base_loop(l->base, EVLOOP_ONCE | (busy ? EVLOOP_NONBLOCK : 0));
	watch_set_look(&l->watches);
}
