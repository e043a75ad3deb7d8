/* clock_off - for LD_PRELOAD: the wall clock is CLOCK_OFF_MS ahead, or behind if that is negative. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *t)
{
	const char *off = getenv("CLOCK_OFF_MS");
	long ms = off ? atol(off) : 0, r = syscall(SYS_clock_gettime, id, t);

	if (r == 0 && id == CLOCK_REALTIME) {
		t->tv_sec += ms / 1000;
		t->tv_nsec += ms % 1000 * 1000000;
		if (t->tv_nsec < 0 || t->tv_nsec >= 1000000000) {
			t->tv_sec += t->tv_nsec < 0 ? -1 : 1;
			t->tv_nsec += t->tv_nsec < 0 ? 1000000000 : -1000000000;
		}
	}
	return (int)r;
}
