#include "common/base/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void *thread_memory(size_t n, size_t size)
{
	size_t bytes, lines;
	void *at;

	if (__builtin_mul_overflow(n, size, &bytes) ||
	    __builtin_add_overflow(bytes, (size_t)CACHE_LINE - 1, &lines))
		return NULL;
	lines = lines / CACHE_LINE * CACHE_LINE;
	at = aligned_alloc(CACHE_LINE, lines ? lines : CACHE_LINE);
	if (at)
		memset(at, 0, lines);
	return at;
}

int thread_start(pthread_t *thread, void *(*run)(void *), void *arg, struct err *err)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	errno = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return errno ? err_sys(err, "cannot start a thread") : 0;
}

void thread_punctual(void)
{
	prctl(PR_SET_TIMERSLACK, 1ul);
}

/* On Linux a thread has a nice value of its own, and 0 names the calling one. */
void thread_give_way(void)
{
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 10);
}

void thread_pin(unsigned nth)
{
	cpu_set_t allowed, one;
	int n;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) == -1)
		return;
	n = CPU_COUNT(&allowed);
	if (n < 2)
		return;
	nth %= (unsigned)n;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || nth-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}
