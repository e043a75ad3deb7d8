#include "client/start_at.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/loop.h"

#define READY_NS (100 * NS_PER_MS) /* the workers wait for the rest, to the microsecond */

static int no_time(const char *text, struct err *err)
{
	return err_usage(
		err,
		"--start-at: '%s' is no time; say epoch seconds as in 1732256520.5 or "
		"RFC 3339 in UTC as in 2026-11-22T06:22:00Z",
		text);
}

int start_at_parse(const char *text, uint64_t *wall_ns, struct err *err)
{
	struct tm tm = { 0 };
	char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction = 0, seconds;

	if (end) {
		if (*end == '.')
			fraction = strtod(end, &end);
		if (strcmp(end, "Z") != 0 && strcmp(end, "+00:00") != 0)
			return no_time(text, err);
		*wall_ns = (uint64_t)timegm(&tm) * NS_PER_S + (uint64_t)(fraction * 1e9);
		return 0;
	}
	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds > 0) || seconds > 1e10)
		return no_time(text, err);
	*wall_ns = (uint64_t)(seconds * 1e9);
	return 0;
}

int start_at_wait(const char *text, struct loop *l, atomic_int *interrupted,
		  uint64_t *begin_ns, struct err *err)
{
	uint64_t wall_ns, wall_now, now = clock_ns();
	int r;

	*begin_ns = now;
	if (!text)
		return 0;
	r = start_at_parse(text, &wall_ns, err);
	if (r < 0)
		return r;
	wall_now = clock_wall_ns();
	if (wall_ns < wall_now) {
		err_support(err, "--start-at %s is past by %.3f s", text,
			    (double)(wall_now - wall_ns) / NS_PER_S);
		return -ETIME;
	}
	*begin_ns = now + (wall_ns - wall_now);
	while (!*interrupted && (now = clock_ns()) + READY_NS < *begin_ns)
		loop_turn(l, now, *begin_ns - READY_NS);
	if (*interrupted)
		*begin_ns = now;
	return 0;
}
