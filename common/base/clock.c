#include "common/base/clock.h"

#include <stdio.h>
#include <sys/resource.h>

static uint64_t timeval_ns(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_usec * NS_PER_US;
}

void clock_process_cpu(struct cpu_time *cpu)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	cpu->user_ns = timeval_ns(&use.ru_utime);
	cpu->system_ns = timeval_ns(&use.ru_stime);
}

void clock_rfc3339(uint64_t wall_ns, char *buf, size_t size)
{
	time_t s = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;
	char day[sizeof("2026-11-22T06:22:00")];

	gmtime_r(&s, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%03uZ", day, (unsigned)(wall_ns % NS_PER_S / NS_PER_MS));
}
