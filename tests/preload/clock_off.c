/* clock_off - for LD_PRELOAD: the wall clock is CLOCK_OFF_MS ahead, or behind if that is negative; with CLOCK_JUMPS every other
 * time that it is read. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool is_off(void)
{
	static atomic_uint read;

	return !getenv("CLOCK_JUMPS") || atomic_fetch_add(&read, 1) % 2;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	const char *off = getenv("CLOCK_OFF_MS");
	long ms = off ? atol(off) : 0, r = syscall(SYS_clock_gettime, id, t);

	if (r == 0 && id == CLOCK_REALTIME && is_off()) {
		t->tv_sec += ms / 1000;
		t->tv_nsec += ms % 1000 * 1000000;
		if (t->tv_nsec < 0 || t->tv_nsec >= 1000000000) {
			t->tv_sec += t->tv_nsec < 0 ? -1 : 1;
			t->tv_nsec += t->tv_nsec < 0 ? 1000000000 : -1000000000;
		}
	}
	return (int)r;
}

time_t time(time_t *out)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}
