#include "common/loop/rendezvous.h"

#include <errno.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/container.h"
#include "common/base/thread.h"
#include "common/loop/loop.h"

#define PERIOD_NS 4000000ull /* moments of one port lie this far apart */
#define AHEAD_NS                                                                         \
	2000000ull         /* the sooner end waits at least this long for the later one */
#define PLACES   128u      /* ports of one period are told apart ... */
#define PLACE_NS 25000ull  /* ... by this much, enough for one close() on both ends */
#define EARLY_NS 150000ull /* the timer rings this early; the rest is spun */

uint64_t rendezvous_moment(uint16_t client_port, uint64_t wall_now_ns)
{
	uint64_t period = (wall_now_ns + AHEAD_NS) / PERIOD_NS + 1;

	return period * PERIOD_NS + client_port % PLACES * PLACE_NS;
}

static void arm(struct rendezvous *r)
{
	const struct rendezvous_node *first = TAILQ_FIRST(&r->waiting);
	struct itimerspec at = { 0 };
	uint64_t ring;

	if (!first)
		return;
	ring = first->wall_ns - EARLY_NS;
	at.it_value.tv_sec = (time_t)(ring / NS_PER_S);
	at.it_value.tv_nsec = (long)(ring % NS_PER_S);
	timerfd_settime(r->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void spin_until(uint64_t wall_ns)
{
	while (clock_wall_ns() < wall_ns)
		;
}

static void on_ring(struct watch *w)
{
	struct rendezvous *r = container_of(w, struct rendezvous, watch);
	struct rendezvous_node *first;
	uint64_t n;

	if (read(w->fd, &n, sizeof(n)) == -1)
		return;
	while ((first = TAILQ_FIRST(&r->waiting)) &&
	       first->wall_ns < clock_wall_ns() + 2 * EARLY_NS) {
		spin_until(first->wall_ns);
		rendezvous_leave(r, first);
		r->meet(first);
	}
	arm(r);
}

void rendezvous_init(struct rendezvous *r, struct loop *l, unsigned cpu,
		     void (*meet)(struct rendezvous_node *node))
{
	r->cpu = cpu;
	TAILQ_INIT(&r->waiting);
	r->loop = l;
	r->meet = meet;
	r->timer_fd = -1;
}

void rendezvous_done(struct rendezvous *r)
{
	if (r->timer_fd == -1)
		return;
	watch_stop(&r->watch);
	close(r->timer_fd);
	r->timer_fd = -1;
}

static int open_timer(struct rendezvous *r)
{
	int error;

	r->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (r->timer_fd == -1)
		return -errno;
	watch_init(&r->watch, r->loop, on_ring);
	watch_open(&r->watch, r->timer_fd);
	error = watch_keep(&r->watch, NULL);
	if (error < 0)
		rendezvous_done(r);
	else
		thread_pin(r->cpu);
	return error;
}

int rendezvous_join(struct rendezvous *r, struct rendezvous_node *node,
		    uint16_t client_port, uint64_t wall_now_ns)
{
	struct rendezvous_node *before;
	int error;

	if (r->timer_fd == -1) {
		error = open_timer(r);
		if (error < 0)
			return error;
	}
	node->wall_ns = rendezvous_moment(client_port, wall_now_ns);
	TAILQ_FOREACH_REVERSE (before, &r->waiting, rendezvous_head, link)
		if (before->wall_ns <= node->wall_ns)
			break;
	if (before) {
		TAILQ_INSERT_AFTER(&r->waiting, before, node, link);
		return 0;
	}
	TAILQ_INSERT_HEAD(&r->waiting, node, link);
	arm(r);
	return 0;
}

void rendezvous_leave(struct rendezvous *r, struct rendezvous_node *node)
{
	if (node->wall_ns == 0)
		return;
	TAILQ_REMOVE(&r->waiting, node, link);
	node->wall_ns = 0;
}
