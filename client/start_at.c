#include "client/start_at.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/loop/loop.h"

#define READY_NS (250 * NS_PER_MS) /* the workers wait for the rest, to the microsecond */

static int no_time(const char *text, struct err *err)
{
	return err_usage(
		err,
		"--start-at: '%s' is no time; say epoch seconds as in 1732256520.5 or "
		"RFC 3339 in UTC as in 2026-11-22T06:22:00Z",
		text);
}

/* ".250" to nanoseconds; *end is moved past it. */
static uint64_t parse_fraction(char **end)
{
	uint64_t ns = 0, unit = NS_PER_S / 10;

	if (**end != '.' || !isdigit((unsigned char)(*end)[1]))
		return 0;
	for ((*end)++; isdigit((unsigned char)**end); (*end)++, unit /= 10)
		ns += (uint64_t)(**end - '0') * unit;
	return ns;
}

/* timegm() makes another day of one that does not exist. */
static bool exists(const struct tm *asked, time_t seconds)
{
	struct tm real;

	return seconds > 0 && gmtime_r(&seconds, &real) &&
	       real.tm_mday == asked->tm_mday && real.tm_mon == asked->tm_mon &&
	       real.tm_sec == asked->tm_sec;
}

static int parse_rfc3339(const char *text, char *end, const struct tm *tm,
			 uint64_t *wall_ns, struct err *err)
{
	uint64_t fraction_ns = parse_fraction(&end);
	struct tm copy = *tm;
	time_t seconds = timegm(&copy);

	if ((strcmp(end, "Z") != 0 && strcmp(end, "+00:00") != 0) || !exists(tm, seconds))
		return no_time(text, err);
	*wall_ns = (uint64_t)seconds * NS_PER_S + fraction_ns;
	return 0;
}

int start_at_parse(const char *text, uint64_t *wall_ns, struct err *err)
{
	struct tm tm = { 0 };
	char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double seconds;

	if (end)
		return parse_rfc3339(text, end, &tm, wall_ns, err);
	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds > 0) || seconds > 1e10)
		return no_time(text, err);
	*wall_ns = (uint64_t)(seconds * 1e9);
	return 0;
}

/* How far ahead it is. */
static int time_left(const char *text, uint64_t *left_ns, struct err *err)
{
	uint64_t wall_ns, now_ns = clock_wall_ns();
	int r = start_at_parse(text, &wall_ns, err);

	if (r < 0)
		return r;
	if (wall_ns < now_ns) {
		err_support(err, "--start-at %s is past by %.3f s", text,
			    (double)(now_ns - wall_ns) / NS_PER_S);
		return -ETIME;
	}
	*left_ns = wall_ns - now_ns;
	return 0;
}

int start_at_check(const char *text, struct err *err)
{
	uint64_t left_ns;

	return text ? time_left(text, &left_ns, err) : 0;
}

int start_at_wait(const char *text, struct loop *l, atomic_int *interrupted,
		  uint64_t *begin_ns, struct err *err)
{
	uint64_t left_ns = 0, now_ns = clock_ns();
	int r = text ? time_left(text, &left_ns, err) : 0;

	*begin_ns = now_ns + left_ns;
	while (r == 0 && left_ns && !*interrupted &&
	       (now_ns = clock_ns()) + READY_NS < *begin_ns)
		loop_turn(l, now_ns, *begin_ns - READY_NS);
	if (*interrupted)
		*begin_ns = now_ns;
	return r;
}
