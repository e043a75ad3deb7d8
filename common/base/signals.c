#include "common/base/signals.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/clock.h"

#define SAME_NS (500 * NS_PER_MS)

atomic_int signals_got;

static const int ignored[] = { SIGPIPE, SIGXFSZ };
static const int wanted[] = { SIGINT, SIGTERM, SIGHUP };
#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

static sigset_t caught; /* of the wanted */
static int wake_fd = -1;
static uint64_t first_ns;

enum signals_order signals_note(int signo)
{
	const uint64_t one = 1;
	uint64_t now = clock_ns();

	if (signals_got)
		return now - first_ns < SAME_NS ? SIGNALS_SAME : SIGNALS_SECOND;
	first_ns = now;
	signals_got = signo;
	if (write(wake_fd, &one, sizeof(one)) == -1) {
		/* an eventfd takes the first of them */
	}
	return SIGNALS_FIRST;
}

static void on_signal(int signo)
{
	int saved = errno;

	if (signals_note(signo) == SIGNALS_SECOND)
		_exit(128 + signo);
	errno = saved;
}

void signals_ignore(void)
{
	for (size_t i = 0; i < N(ignored); i++)
		signal(ignored[i], SIG_IGN);
}

void signals_restore(void)
{
	sigset_t none;

	for (size_t i = 0; i < N(ignored); i++)
		signal(ignored[i], SIG_DFL);
	for (size_t i = 0; i < N(wanted); i++)
		if (wake_fd != -1 && sigismember(&caught, wanted[i]))
			signal(wanted[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool is_ignored(int signo)
{
	struct sigaction now;

	return sigaction(signo, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int signals_catch(struct err *err)
{
	struct sigaction sa = { .sa_handler = on_signal };

	if (wake_fd != -1)
		return 0;
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd == -1)
		return err_sys(err, "eventfd");
	sigemptyset(&caught);
	for (size_t i = 0; i < N(wanted); i++)
		if (wanted[i] != SIGHUP || !is_ignored(SIGHUP))
			sigaddset(&caught, wanted[i]);
	sa.sa_mask = caught;
	for (size_t i = 0; i < N(wanted); i++)
		if (sigismember(&caught, wanted[i]))
			sigaction(wanted[i], &sa, NULL);
	return 0;
}

int signals_fd(void)
{
	return wake_fd;
}

void signals_set(sigset_t *out)
{
	*out = caught;
}
