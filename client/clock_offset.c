#include "client/clock_offset.h"

#define DRIFT 10000 /* one part of so many: quartz, and a clock that NTP is moving */

static uint64_t middle_ns(const struct clock_answer *a)
{
	return a->asked_ns + (a->answered_ns - a->asked_ns) / 2;
}

static uint64_t between_ns(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

uint64_t clock_offset_error_ns(const struct clock_answer *a, uint64_t at_ns)
{
	uint64_t since_asked = between_ns(a->asked_ns, at_ns);
	uint64_t since_answered = between_ns(a->answered_ns, at_ns);
	uint64_t further = since_asked > since_answered ? since_asked : since_answered;

	return (a->answered_ns - a->asked_ns + 1) / 2 + further / DRIFT + 1;
}

int64_t clock_offset_ns(const struct clock_answer *a, uint64_t at_ns, uint64_t wall_ns)
{
	return (int64_t)(a->told_ns + at_ns - middle_ns(a) - wall_ns);
}

void clock_offset_take(struct clock_answer *best, const struct clock_answer *next,
		       uint64_t at_ns)
{
	if (best->told_ns == 0 ||
	    clock_offset_error_ns(next, at_ns) <= clock_offset_error_ns(best, at_ns))
		*best = *next;
}
