/* What the first signal does, and what the second. */
#include "common/base/signals.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "tests/check_main.h"

static bool fd_is_readable(void)
{
	struct pollfd p = { .fd = signals_fd(), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static const int told[] = { SIGINT, SIGTERM, SIGHUP };

TEST_ROWS(the_first_is_noted, told)
{
	signal(SIGHUP, SIG_DFL);
	ck_assert_int_eq(signals_fd(), -1);
	ck_assert_int_eq(signals_catch(NULL), 0);
	ck_assert_int_eq(signals_catch(NULL), 0);
	ck_assert_int_eq(signals_got, 0);
	ck_assert(!fd_is_readable());
	raise(*row);
	ck_assert_int_eq(signals_got, *row);
	ck_assert(fd_is_readable());
	raise(SIGTERM); /* as timeout(1) does */
	ck_assert_int_eq(signals_got, *row);
}

/* The exit status of a process that gets SIGINT, and SIGTERM so long after. */
static int status_after(uint64_t wait_ns)
{
	const struct timespec wait = { (time_t)(wait_ns / NS_PER_S),
				       (long)(wait_ns % NS_PER_S) };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		signals_catch(NULL);
		raise(SIGINT);
		nanosleep(&wait, NULL);
		raise(SIGTERM);
		_exit(3);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(the_second_ends_it)
{
	ck_assert_int_eq(status_after(0), 3);
	ck_assert_int_eq(status_after(700 * NS_PER_MS), 128 + SIGTERM);
}

TEST(an_ignored_hangup_stays_ignored)
{
	sigset_t set;

	signal(SIGHUP, SIG_IGN);
	ck_assert_int_eq(signals_catch(NULL), 0);
	signals_set(&set);
	ck_assert(!sigismember(&set, SIGHUP));
	ck_assert(sigismember(&set, SIGINT));
	raise(SIGHUP);
	ck_assert_int_eq(signals_got, 0);
	signals_restore();
	raise(SIGHUP);
}

static bool has_default(int signo)
{
	struct sigaction now;

	ck_assert_int_eq(sigaction(signo, NULL, &now), 0);
	return now.sa_handler == SIG_DFL;
}

TEST(a_child_gets_the_defaults)
{
	static const int ours[] = { SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP };
	sigset_t all;

	signal(SIGHUP, SIG_DFL);
	signals_ignore();
	ck_assert_int_eq(signals_catch(NULL), 0);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (int i = 0; i < ROWS(ours); i++)
		ck_assert(!has_default(ours[i]));
	signals_restore();
	for (int i = 0; i < ROWS(ours); i++)
		ck_assert(has_default(ours[i]));
	sigprocmask(SIG_BLOCK, NULL, &all);
	ck_assert(!sigismember(&all, SIGINT));
}

CHECK_MAIN("signals")
