#include "bench/wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include "bench/wire/arrivals.h"
#include "bench/wire/line.h"
#include "bench/wire/load.h"
#include "bench/wire/tracer.h"
#include "common/base/clock.h"
#include "common/base/signals.h"

#define QUIET_NS                                                                         \
	(250 * NS_PER_MS) /* a delayed ACK comes within 40 ms, a repeated FIN after 200 */
#define SETTLE_NS (3 * NS_PER_S)

int wire_init(struct wire *w, struct err *err)
{
	*w = (struct wire){ .order = { .keys = -1 } };
	w->trace = mmap(NULL, sizeof(*w->trace), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->trace != MAP_FAILED)
		return 0;
	w->trace = NULL;
	return err_sys(err, "mmap");
}

void wire_done(struct wire *w)
{
	if (w->trace)
		munmap(w->trace, sizeof(*w->trace));
	if (w->order.pcap)
		fclose(w->order.pcap);
}

/* ---- the process */

struct carrier {
	struct line line[WIRE_CABLES];
	unsigned n;
	bool traces;
	struct tracer tracer; /* of the first line */
	uint64_t last_ns;     /* when a frame came in */
	struct load load;
	struct arrivals arrivals;
};

/* That it is to end. */
struct stopping {
	uint64_t since_ns; /* 0 = not yet */
	bool at_once;
};

static int open_all(struct carrier *c, const struct wire_plan *plan, struct err *err)
{
	int r = 0;

	c->traces = plan->trace;
	if (c->traces)
		r = tracer_open(&c->tracer, plan, &c->line[0], err);
	if (r == 0 && setns(plan->netns, CLONE_NEWNET) == -1)
		r = err_sys(err, "enter the wire's namespace");
	while (r == 0 && c->n < plan->n) {
		r = line_open(&c->line[c->n], &plan->cable[c->n], c->n + 1, err);
		c->n++;
	}
	if (c->traces)
		c->line[0].pcap = plan->trace->order.pcap;
	return r;
}

static void take_frame(struct carrier *c, struct line *l, enum end from,
		       const struct arrival *f)
{
	if (f->len > LINE_FRAME_MAX || f->len <= LINE_VNET_HEADER)
		l->stats->refused++;
	else if (c->traces && l == c->line)
		tracer_take(&c->tracer, from, f->bytes, f->len);
	else
		line_take(l, from, f->bytes, f->len, f->at_ns);
}

/* Of one end some, then the others get theirs. */
static void take_frames(struct carrier *c, struct line *l, enum end from)
{
	unsigned n = arrivals_receive(&c->arrivals, l->packets[from]);
	uint64_t now_ns, now_wall_ns;

	if (n == 0)
		return;
	c->last_ns = now_ns = clock_ns();
	now_wall_ns = clock_wall_ns();
	c->load.now.frames += n;
	for (unsigned i = 0; i < n; i++) {
		struct arrival f = arrivals_at(&c->arrivals, i, now_ns, now_wall_ns);

		take_frame(c, l, from, &f);
	}
}

/* When it ends by itself; UINT64_MAX = not. */
static uint64_t quiet_end_ns(const struct carrier *c)
{
	const struct tracer *t = &c->tracer;

	return c->traces && t->order->until_quiet &&
			       (t->past.fin[END_CLIENT] || t->past.fin[END_SERVER])
		       ? c->last_ns + QUIET_NS
		       : UINT64_MAX;
}

static uint64_t next_ns(const struct carrier *c, uint64_t now_ns, bool stopping)
{
	uint64_t at = stopping ? now_ns + QUIET_NS / 10 : now_ns + 3600 * NS_PER_S;

	for (unsigned i = 0; i < c->n; i++)
		if (line_next_ns(&c->line[i]) < at)
			at = line_next_ns(&c->line[i]);
	if (c->traces && tracer_next_ns(&c->tracer) < at)
		at = tracer_next_ns(&c->tracer);
	if (load_next_ns(&c->load) < at)
		at = load_next_ns(&c->load);
	if (quiet_end_ns(c) < at && tracer_fd(&c->tracer) == -1)
		at = quiet_end_ns(c) + 1;
	return at > now_ns ? at - now_ns : 0;
}

/* A byte in `stop`: to end when nothing moves any more.  Its end: at once. */
static void hear(int stop, struct stopping *s)
{
	char byte;

	if (read(stop, &byte, 1) != 1)
		s->at_once = true;
	if (!s->since_ns)
		s->since_ns = clock_ns();
}

static void wait_for_frames(const struct carrier *c, int stop, uint64_t for_ns,
			    struct stopping *s)
{
	struct pollfd fds[ENDS * WIRE_CABLES + 2];
	struct timespec t = { .tv_sec = (time_t)(for_ns / NS_PER_S),
			      .tv_nsec = (long)(for_ns % NS_PER_S) };
	nfds_t n = 0;

	for (unsigned i = 0; i < c->n; i++)
		for (int e = 0; e < ENDS; e++)
			fds[n++] = (struct pollfd){ .fd = c->line[i].packets[e],
						    .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = c->traces ? tracer_fd(&c->tracer) : -1,
				    .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = stop, .events = POLLIN };
	if (ppoll(fds, n, &t, NULL) > 0 && fds[n - 1].revents)
		hear(stop, s);
}

static void turn(struct carrier *c)
{
	for (unsigned i = 0; i < c->n; i++)
		line_turn(&c->line[i], clock_ns());
	if (c->traces) {
		tracer_turn(&c->tracer, clock_ns());
		tracer_settle(&c->tracer);
	}
	for (unsigned i = 0; i < c->n; i++)
		for (int e = 0; e < ENDS; e++)
			take_frames(c, &c->line[i], (enum end)e);
}

static bool is_quiet(const struct carrier *c, uint64_t now_ns, uint64_t for_ns)
{
	return line_next_ns(&c->line[0]) == UINT64_MAX &&
	       tracer_next_ns(&c->tracer) == UINT64_MAX && now_ns > c->last_ns + for_ns;
}

/* When it ends though something may still come.  A person lets segments wait, and what is sent again comes later. */
static uint64_t settled_ns(const struct carrier *c, const struct stopping *s)
{
	const struct tracer *t = &c->tracer;
	bool person = t->order->keys != -1 && t->acted_ns > s->since_ns;

	return (person ? t->acted_ns : s->since_ns) + SETTLE_NS;
}

static bool is_over(struct carrier *c, const struct stopping *s)
{
	uint64_t now_ns = clock_ns();

	if (quiet_end_ns(c) < now_ns && tracer_fd(&c->tracer) == -1 &&
	    is_quiet(c, now_ns, QUIET_NS))
		c->tracer.trace->stopped = true;
	if (c->traces && c->tracer.trace->stopped)
		return true;
	if (!s->since_ns || (c->traces && tracer_fd(&c->tracer) != -1))
		return s->at_once;
	if (!c->traces || s->at_once || now_ns > settled_ns(c, s))
		return true;
	if (is_quiet(c, now_ns, QUIET_NS / 2) && tracer_send_old(&c->tracer))
		c->last_ns = now_ns;
	return is_quiet(c, now_ns, QUIET_NS) && now_ns > s->since_ns + QUIET_NS / 2 &&
	       !tracer_is_unfinished(&c->tracer);
}

static void run(struct carrier *c, int stop)
{
	struct stopping s = { 0 };

	while (!is_over(c, &s)) {
		wait_for_frames(c, stop, next_ns(c, clock_ns(), s.since_ns != 0), &s);
		turn(c);
		load_turn(&c->load, clock_ns());
	}
	for (unsigned i = 0; i < c->n; i++)
		line_end(&c->line[i]);
	load_end(&c->load, clock_ns());
	if (c->traces)
		tracer_end(&c->tracer);
	if (c->line[0].pcap)
		fflush(c->line[0].pcap);
}

/* What goes wrong is told through `over`: nothing but its end, or the sentence. */
static int child(const void *arg, int stop, int over)
{
	const struct wire_plan *plan = arg;
	static struct carrier c; /* too large for a stack */
	struct err err;

	prctl(PR_SET_TIMERSLACK, 1);
	if (open_all(&c, plan, &err) < 0) {
		companion_could_not(over, &err);
		return 1;
	}
	if (companion_begun(over) == -1)
		return 1;
	load_begin(&c.load, clock_ns());
	run(&c, stop);
	if (plan->load)
		*plan->load = c.load.now;
	return 0;
}

/* ---- its parent */

int wire_start(const struct wire_plan *plan, struct companion *out, struct err *err)
{
	return companion_start(out, child, plan,
			       "the wire's process ended before it carried anything",
			       err);
}

/* Until it ends by itself, or a signal comes. */
static void wait_for_end(const struct companion *p)
{
	struct pollfd fds[] = { { .fd = p->over, .events = POLLIN },
				{ .events = POLLIN } };
	sigset_t set;

	signals_set(&set);
	fds[1].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	while (poll(fds, 2, -1) == -1 && errno == EINTR)
		;
	if (fds[1].fd != -1)
		close(fds[1].fd);
}

void wire_stop(struct companion *p, bool at_once)
{
	if (p->stop != -1 && !at_once && write(p->stop, "", 1) == 1)
		wait_for_end(p);
	companion_end(p);
}
