/* One turn of the loop: looks before epoll, deadlines, wake-ups from other threads. */
#include "common/loop/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "common/loop/watch.h"
#include "tests/check_main.h"

#define FAR                                                                              \
	(clock_ns() + 20 * NS_PER_S) /* a turn that lasts so long has missed its event */

static struct loop loop;
static int woken;

static void on_woken(void *arg)
{
	ck_assert_ptr_eq(arg, &woken);
	woken++;
}

static struct event of_libevent;

static void never(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	ck_abort_msg("a timer of 20 s has rung");
}

/* With something of its own in libevent the thread sleeps there, else in the set. */
static void begin(bool in_libevent)
{
	const struct timeval far = { .tv_sec = 20 };
	struct err err;

	ck_assert_int_eq(loop_init(&loop, on_woken, &woken, &err), 0);
	if (in_libevent) {
		event_assign(&of_libevent, loop.base, -1, 0, never, NULL);
		event_add(&of_libevent, &far);
	}
}

static void finish(void)
{
	if (event_initialized(&of_libevent))
		event_del(&of_libevent);
	loop_done(&loop);
}

struct reader { /* what a slot or a peer does: read, and wait again at EAGAIN */
	struct watch watch;
	int calls, got;
	bool once; /* stops after the first byte */
};

static void on_ready(struct watch *w)
{
	struct reader *r = (struct reader *)w;
	char c;

	r->calls++;
	while (recv(w->fd, &c, 1, MSG_DONTWAIT) == 1) {
		r->got++;
		watch_progress(w);
	}
	if (r->once && r->got)
		watch_stop(w);
	else
		watch_wait(w, EV_READ);
}

static void open_reader(struct reader *r, int fds[2])
{
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
		0);
	*r = (struct reader){ 0 };
	watch_init(&r->watch, &loop, on_ready);
	watch_open(&r->watch, fds[0]);
}

static void end(struct reader *r, int fds[2])
{
	watch_stop(&r->watch);
	close(fds[0]);
	close(fds[1]);
	finish();
}

TEST_TIMES(what_is_there_at_the_look_never_costs_epoll, 2)
{
	struct reader r;
	int fds[2];

	begin(_i);
	open_reader(&r, fds);
	watch_wait(&r.watch, EV_READ);
	ck_assert_uint_eq(loop.watches.n_looks, 1);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	r.once = true;
	loop_turn(&loop, clock_ns(), FAR); /* does not wait: a look is pending */
	ck_assert_int_eq(r.calls, 1);
	ck_assert_int_eq(r.got, 1);
	ck_assert_int_eq(r.watch.registered, 0);
	ck_assert_uint_eq(loop.watches.n_looks, 0);
	end(&r, fds);
}

TEST_TIMES(what_is_not_there_yet_waits_in_epoll, 2)
{
	struct reader r;
	int fds[2];

	begin(_i);
	open_reader(&r, fds);
	watch_wait(&r.watch, EV_READ);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(r.calls, 1);
	ck_assert_int_eq(r.watch.registered, EV_READ);
	ck_assert_int_eq(write(fds[1], "xy", 2), 2);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(r.got, 2);
	end(&r, fds);
}

TEST_TIMES(waiting_twice_is_one_look, 2)
{
	struct reader r;
	int fds[2];

	begin(_i);
	open_reader(&r, fds);
	watch_wait(&r.watch, EV_READ);
	watch_wait(&r.watch, EV_READ);
	ck_assert_uint_eq(loop.watches.n_looks, 1);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(r.calls, 1);
	end(&r, fds);
}

TEST_TIMES(writable_goes_to_epoll_at_once, 2)
{
	struct reader r;
	int fds[2];

	begin(_i);
	open_reader(&r, fds);
	watch_wait(&r.watch, EV_WRITE);
	ck_assert_uint_eq(loop.watches.n_looks, 0);
	ck_assert_int_eq(r.watch.registered, EV_WRITE);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(r.calls, 1);
	ck_assert_int_eq(r.watch.registered,
			 EV_READ); /* what ready() asked for instead */
	end(&r, fds);
}

static const struct {
	const char *what;
	bool registered, stop;
} rests[] = {
	{ "rest while looking", false, false },
	{ "stop while looking", false, true },
	{ "rest while in epoll", true, false },
	{ "stop while in epoll", true, true },
};

TEST_ROWS(rest_and_stop_are_quiet, rests)
{
	struct reader r;
	int fds[2];

	begin(false);
	open_reader(&r, fds);
	watch_wait(&r.watch, EV_READ);
	if (row->registered)
		loop_turn(&loop, clock_ns(), FAR);
	r.calls = 0;
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	(row->stop ? watch_stop : watch_rest)(&r.watch);
	(row->stop ? watch_stop : watch_rest)(&r.watch); /* twice does no harm */
	ck_assert_uint_eq(loop.watches.n_looks, 0);
	loop_turn(&loop, clock_ns(), 0);
	ck_assert_msg(r.calls == 0, "%s", row->what);
	ck_assert_int_eq(r.watch.fd, row->stop ? -1 : fds[0]);
	watch_open(&r.watch, fds[0]); /* and it can be used again */
	watch_wait(&r.watch, EV_READ);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(r.got, 1);
	end(&r, fds);
}

/* Where looks mostly fail (a distant peer) they are given up, and come back when they pay. */
TEST_TIMES(looks_that_do_not_pay_are_given_up, 2)
{
	struct reader r;
	int fds[2], looks = 0;

	begin(_i);
	open_reader(&r, fds);
	for (int i = 0; i < 200; i++) {
		watch_rest(&r.watch);
		watch_progress(&r.watch);
		watch_wait(&r.watch, EV_READ);
		looks += r.watch.looking;
		loop_turn(&loop, clock_ns(), 0);
	}
	ck_assert_int_ge(looks, 2);
	ck_assert_int_le(looks, 60);
	for (int i = 0, at = looks; i < 200;
	     i++) { /* from now on there is always a byte */
		watch_rest(&r.watch);
		watch_progress(&r.watch);
		ck_assert_int_eq(write(fds[1], "x", 1), 1);
		watch_wait(&r.watch, EV_READ);
		looks += r.watch.looking;
		loop_turn(&loop, clock_ns(), FAR);
		if (i == 199)
			ck_assert_int_ge(looks - at, 50);
	}
	ck_assert_int_eq(r.got, 200);
	end(&r, fds);
}

static struct reader *victim;

static void stop_the_other(struct watch *w)
{
	((struct reader *)w)->calls++;
	watch_stop(&victim->watch);
}

TEST_TIMES(one_look_may_stop_another, 2)
{
	struct reader a, b;
	int fa[2], fb[2];

	begin(_i);
	open_reader(&a, fa);
	open_reader(&b, fb);
	a.watch.ready = stop_the_other;
	victim = &b;
	watch_wait(&a.watch, EV_READ);
	watch_wait(&b.watch, EV_READ);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(a.calls, 1);
	ck_assert_int_eq(b.calls, 0);
	ck_assert_uint_eq(loop.watches.n_looks, 0);
	close(fb[0]);
	close(fb[1]);
	end(&a, fa);
}

static void look_for_ever(struct watch *w)
{
	((struct reader *)w)->calls++;
	watch_progress(w);
	watch_wait(w, EV_READ);
}

TEST_TIMES(one_event_may_stop_another, 2)
{
	struct reader a, b;
	int fa[2], fb[2];

	begin(false);
	open_reader(&a, fa);
	open_reader(&b, fb);
	watch_wait(&a.watch, EV_READ);
	watch_wait(&b.watch, EV_READ);
	loop_turn(&loop, clock_ns(), 0); /* both wait in epoll now */
	a.watch.ready = b.watch.ready = stop_the_other;
	victim = _i ? &a : &b;
	a.calls = b.calls = 0;
	ck_assert_int_eq(write(fa[1], "x", 1), 1);
	ck_assert_int_eq(write(fb[1], "x", 1), 1);
	loop_turn(&loop, clock_ns(), FAR);
	/* whichever came first; the victim itself may have been it */
	ck_assert_int_ge((_i ? b : a).calls, 1);
	ck_assert_int_le((_i ? a : b).calls, 1);
	victim->calls = 0;
	loop_turn(&loop, clock_ns(), 0);
	ck_assert_int_eq(victim->calls, 0);
	watch_stop(&a.watch);
	watch_stop(&b.watch);
	close(fb[0]);
	close(fb[1]);
	end(&a, fa);
}

/* Closed, the socket has left epoll by itself; its number may come back as another's. */
TEST_TIMES(a_closed_socket_is_forgotten, 2)
{
	struct reader r;
	int fds[2], more[2];

	begin(false);
	open_reader(&r, fds);
	watch_wait(&r.watch, EV_READ);
	if (_i)
		loop_turn(&loop, clock_ns(), 0);
	watch_closing(&r.watch);
	close(fds[0]);
	close(fds[1]);
	ck_assert_int_eq(r.watch.fd, -1);
	r.calls = 0;
	loop_turn(&loop, clock_ns(), 0);
	ck_assert_int_eq(r.calls, 0);
	open_reader(&r, more);
	watch_wait(&r.watch, EV_READ);
	loop_turn(&loop, clock_ns(), 0);
	ck_assert_int_eq(write(more[1], "x", 1), 1);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(r.got, 1);
	end(&r, more);
}

static void take_one(struct watch *w)
{
	struct reader *r = (struct reader *)w;
	char c;

	r->calls++;
	r->got += recv(w->fd, &c, 1, MSG_DONTWAIT) == 1;
}

/* As a listener does: takes some, never waits again, and is rung for what is left. */
TEST_TIMES(a_kept_watch_goes_on_ringing, 2)
{
	struct reader r;
	int fds[2];
	struct err err;

	begin(_i);
	open_reader(&r, fds);
	r.watch.ready = take_one;
	ck_assert_int_eq(watch_keep(&r.watch, &err), 0);
	ck_assert_int_eq(watch_keep(&r.watch, &err), 0);
	ck_assert_int_eq(write(fds[1], "xyz", 3), 3);
	for (int i = 1; i <= 3; i++) {
		loop_turn(&loop, clock_ns(), FAR);
		ck_assert_int_eq(r.got, i);
	}
	watch_rest(&r.watch);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	loop_turn(&loop, clock_ns(), 0);
	ck_assert_int_eq(r.calls, 3);
	ck_assert_int_eq(watch_keep(&r.watch, &err), 0);
	loop_turn(&loop, clock_ns(), FAR);
	ck_assert_int_eq(r.got, 4);
	end(&r, fds);
}

TEST(what_epoll_cannot_take_is_an_error)
{
	struct watch w;
	struct err err;
	FILE *file = tmpfile(); /* always ready, so epoll refuses it */

	begin(false);
	watch_init(&w, &loop, take_one);
	ck_assert_ptr_nonnull(file);
	watch_open(&w, fileno(file));
	ck_assert_int_eq(watch_keep(&w, &err), -EPERM);
	ck_assert_ptr_nonnull(strstr(err.text, "epoll_ctl"));
	fclose(file);
	finish();
}

static int rung;

static void on_rung(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	rung++;
}

/* Neither is forgotten while the other has work. */
TEST(libevents_timers_and_the_set_take_turns)
{
	const struct timeval soon = { .tv_usec = 20000 };
	struct event timer;
	struct reader r;
	int fds[2];

	begin(false);
	event_assign(&timer, loop.base, -1, 0, on_rung, NULL);
	event_add(&timer, &soon);
	open_reader(&r, fds);
	r.watch.ready = look_for_ever;
	watch_wait(&r.watch, EV_READ);
	for (uint64_t until = FAR; rung == 0 && clock_ns() < until;)
		loop_turn(&loop, clock_ns(), UINT64_MAX);
	ck_assert_int_eq(rung, 1);
	ck_assert_int_gt(r.calls, 1);
	end(&r, fds);
}

TEST_TIMES(a_turn_takes_each_look_once, 2)
{
	struct reader r;
	int fds[2];

	begin(_i);
	open_reader(&r, fds);
	r.watch.ready = look_for_ever;
	watch_wait(&r.watch, EV_READ);
	for (int i = 1; i <= 3; i++) {
		loop_turn(&loop, clock_ns(), FAR);
		ck_assert_int_eq(r.calls, i);
	}
	end(&r, fds);
}

enum sleeps_in { THE_SET, LIBEVENT, AN_OLD_KERNEL }; /* which has no epoll_pwait2() */

static const struct {
	const char *what;
	enum sleeps_in in;
	uint64_t ahead_ns;
} deadlines[] = {
	{ "past", THE_SET, 0 },
	{ "300 us", THE_SET, 300 * NS_PER_US },
	{ "1 ms", THE_SET, NS_PER_MS },
	{ "30 ms", THE_SET, 30 * NS_PER_MS },
	{ "in libevent, past", LIBEVENT, 0 },
	{ "in libevent, 300 us", LIBEVENT, 300 * NS_PER_US },
	{ "in libevent, 30 ms", LIBEVENT, 30 * NS_PER_MS },
	{ "old kernel, past", AN_OLD_KERNEL, 0 },
	{ "old kernel, 300 us", AN_OLD_KERNEL, 300 * NS_PER_US },
	{ "old kernel, 30 ms", AN_OLD_KERNEL, 30 * NS_PER_MS },
};

TEST_ROWS(a_turn_ends_at_its_deadline, deadlines)
{
	uint64_t now, deadline;
	int turns = 0;

	begin(row->in == LIBEVENT);
	loop.watches.no_pwait2 = row->in == AN_OLD_KERNEL;
	now = clock_ns();
	deadline = now + row->ahead_ns;
	do { /* as callers do: timers may be a microsecond early */
		loop_turn(&loop, now, deadline);
		now = clock_ns();
		turns++;
	} while (now < deadline);
	ck_assert_msg(now - deadline < 5 * NS_PER_S, "%s", row->what);
	ck_assert_msg(turns <= 20, "%s: %d turns", row->what, turns);
	finish();
}

/* A deadline that was not reached must not end a later turn that has none so near. */
TEST_TIMES(an_old_deadline_is_replaced, 2)
{
	uint64_t begun;

	begin(_i);
	loop_wake(&loop);
	loop_turn(&loop, clock_ns(), clock_ns() + 10 * NS_PER_MS);
	begun = clock_ns();
	loop_turn(&loop, begun, begun + 60 * NS_PER_MS);
	ck_assert_uint_ge(clock_ns() - begun, 55 * NS_PER_MS);
	finish();
}

static void *wake_it(void *arg)
{
	usleep(20000); /* so that the turn most likely waits already; right either way */
	loop_wake(arg);
	return NULL;
}

TEST_TIMES(another_thread_wakes_it, 2)
{
	pthread_t thread;

	begin(_i);
	ck_assert_int_eq(pthread_create(&thread, NULL, wake_it, &loop), 0);
	loop_turn(&loop, clock_ns(), UINT64_MAX); /* for ever, but for the wake-up */
	ck_assert_int_eq(woken, 1);
	pthread_join(thread, NULL);
	finish();
}

static uint64_t in_turn_ns[2];

static void look_at_the_clock(struct watch *w)
{
	struct reader *r = (struct reader *)w;
	char c;

	in_turn_ns[r->calls++ % 2] = loop_now(&loop);
	ck_assert_int_eq(recv(w->fd, &c, 1, MSG_DONTWAIT), 1);
}

/* Read once a turn, and after its sleep. */
TEST_TIMES(a_turn_has_one_time, 2)
{
	struct reader r;
	struct err err;
	int fds[2];
	uint64_t before;

	begin(_i);
	open_reader(&r, fds);
	r.watch.ready = look_at_the_clock;
	ck_assert_int_eq(watch_keep(&r.watch, &err), 0);
	before = loop_now(&loop);
	ck_assert_uint_eq(loop_now(&loop), before);
	loop_turn(&loop, clock_ns(), clock_ns() + 5 * NS_PER_MS);
	ck_assert_uint_ge(loop_now(&loop), before + 4 * NS_PER_MS);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(write(fds[1], "x", 1), 1);
		before = clock_ns();
		loop_turn(&loop, before, FAR);
		ck_assert_uint_ge(in_turn_ns[i], before);
		ck_assert_uint_eq(loop_now(&loop), in_turn_ns[i]);
	}
	end(&r, fds);
}

TEST_TIMES(many_wakes_are_one, 2)
{
	begin(_i);
	for (int i = 0; i < 1000; i++)
		loop_wake(&loop);
	loop_turn(&loop, clock_ns(), UINT64_MAX);
	ck_assert_int_eq(woken, 1);
	loop_turn(&loop, clock_ns(), 0);
	ck_assert_int_eq(woken, 1);
	finish();
}

TEST(done_twice_and_half_built)
{
	begin(false);
	loop_done(&loop);
	loop_done(&loop);
	loop = (struct loop){ .wake_fd = -1, .watches.epoll_fd = -1 };
	loop_done(&loop);
}

CHECK_MAIN("loop")
