/* clock - monotonic nanoseconds, the only time the measurements use.  Wall time is for
 * stamps alone.  Modules that decide by time take it as an argument and never read it. */
#ifndef TWSTORM_COMMON_BASE_CLOCK_H
#define TWSTORM_COMMON_BASE_CLOCK_H

#include <stdint.h>
#include <stddef.h>
#include <time.h>

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull

static inline uint64_t clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* CLOCK_MONOTONIC in nanoseconds; ~25 ns a call (vdso). */
#define clock_ns() clock_of(CLOCK_MONOTONIC)
/* CLOCK_REALTIME in nanoseconds since the epoch. */
#define clock_wall_ns() clock_of(CLOCK_REALTIME)
/* The earlier of two moments; UINT64_MAX is never. */
static inline uint64_t clock_sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}
/* CPU time of this process so far (CLOCK_PROCESS_CPUTIME_ID split by getrusage), ns. */
struct cpu_time {
	uint64_t user_ns, system_ns;
};
void clock_process_cpu(struct cpu_time *cpu);
/* CPU time of the calling thread, ns. */
#define clock_thread_cpu_ns() clock_of(CLOCK_THREAD_CPUTIME_ID)
/* RFC 3339 in UTC with milliseconds, "2026-11-22T06:22:00.123Z"; at least 25 bytes. */
void clock_rfc3339(uint64_t wall_ns, char *buf, size_t size);

#endif
