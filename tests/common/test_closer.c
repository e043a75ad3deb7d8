/* close() calls on threads of their own. */
#include "common/loop/closer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "common/loop/loop.h"
#include "common/kernel/sock.h"
#include "tests/check_main.h"

static struct loop loop;
static struct closer closer;
static int collected;
static struct closer_job *first;

static void on_woken(void *arg)
{
	struct closer_job *job;

	(void)arg;
	while ((job = closer_collect(&closer))) {
		ck_assert_int_eq(job->error, 0);
		first = first ? first : job;
		collected++;
	}
}

static void begin(void)
{
	struct err err;

	ck_assert_int_eq(loop_init(&loop, on_woken, NULL, &err), 0);
	ck_assert_int_eq(closer_init(&closer, &loop, &err), 0);
}

static void end(void)
{
	closer_done(&closer);
	closer_done(&closer);
	loop_done(&loop);
}

static void turn_until(int n)
{
	uint64_t until = clock_ns() + 30 * NS_PER_S;

	while (collected < n && clock_ns() < until)
		loop_turn(&loop, clock_ns(), until);
	ck_assert_int_eq(collected, n);
}

static int any_fd(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static const int counts[] = { 1, 2, CLOSER_THREADS, CLOSER_THREADS + 1, 500 };

TEST_ROWS(every_job_is_done_once, counts)
{
	struct closer_job *jobs = calloc((size_t)*row, sizeof(*jobs));
	int *fd = calloc((size_t)*row, sizeof(*fd));

	for (int i = 0; i < *row; i++)
		fd[i] = any_fd();
	for (int i = 0; i < *row; i++)
		ck_assert_int_eq(closer_submit(&closer, &jobs[i], fd[i]), 0);
	turn_until(*row);
	for (int i = 0; i < *row; i++)
		ck_assert_int_eq(fcntl(fd[i], F_GETFD), -1); /* closed it is */
	free(fd);
	ck_assert_ptr_null(closer_collect(&closer));
	ck_assert_uint_le(closer.threads, CLOSER_THREADS);
	free(jobs);
}

TEST(a_job_may_be_used_again)
{
	struct closer_job job = { 0 };

	for (int i = 1; i <= 20; i++) {
		ck_assert_int_eq(closer_submit(&closer, &job, any_fd()), 0);
		turn_until(i);
	}
}

/* A connected socket whose close() blocks for `seconds`: its peer reads nothing, and more is
 * queued than fits.  *peer is that peer. */
static int blocking_fd(int *peer, int seconds)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = any_fd();
	const int small = 4096, large = 1 << 20;
	static char data[65536];

	setsockopt(l, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ck_assert(bind(l, (struct sockaddr *)&at, len) == 0 && listen(l, 1) == 0);
	getsockname(l, (struct sockaddr *)&at, &len);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &large, sizeof(large));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, len), 0);
	*peer = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(*peer, 0);
	close(l);
	while (send(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	ck_assert_int_eq(sock_linger(fd, seconds), 0);
	return fd;
}

TEST(the_time_close_blocked_is_told)
{
	struct closer_job slow = { 0 }, quick = { 0 };
	int peer;

	if (under_valgrind()) /* one thread at a time, even while close() blocks */
		return;
	ck_assert_int_eq(closer_submit(&closer, &slow, blocking_fd(&peer, 1)), 0);
	ck_assert_int_eq(closer_submit(&closer, &quick, any_fd()), 0);
	turn_until(2);
	ck_assert_ptr_eq(first, &quick); /* it did not wait for the slow one */
	ck_assert_uint_ge(slow.took_ns, 900 * NS_PER_MS);
	ck_assert_uint_lt(quick.took_ns, slow.took_ns);
	close(peer);
}

TEST(stopping_ends_what_is_under_way)
{
	struct closer_job job[3] = { 0 };
	int peer;

	if (under_valgrind())
		return;
	ck_assert_int_eq(closer_submit(&closer, &job[0], blocking_fd(&peer, 100)),
			 0); /* no test may last so long */
	ck_assert_int_eq(closer_submit(&closer, &job[1], any_fd()), 0);
	ck_assert_int_eq(closer_submit(&closer, &job[2], any_fd()), 0);
	end();
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(fcntl(job[i].fd, F_GETFD), -1);
	close(peer);
}

TEST(an_idle_closer_makes_no_thread)
{
	ck_assert_ptr_null(closer_collect(&closer));
	ck_assert_uint_eq(closer.threads, 0);
	end();
	closer = (struct closer){ 0 };
	closer_done(&closer); /* never initialised */
}

TEST(a_failing_close_is_told)
{
	struct closer_job job = { 0 };
	struct closer_job *back = NULL;

	loop.woken = NULL;
	ck_assert_int_eq(closer_submit(&closer, &job, 100000), 0);
	for (int i = 0; i < 3000 && !back; i++) {
		back = closer_collect(&closer);
		usleep(1000);
	}
	ck_assert_ptr_eq(back, &job);
	ck_assert_int_eq(job.error, EBADF);
}

CHECK_MAIN_AROUND("closer", begin, end)
