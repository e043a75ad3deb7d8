/* Beginning together by the clock. */
#include "client/start_at.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "common/loop/loop.h"
#include "tests/check_main.h"

#define S NS_PER_S

static const struct {
	const char *text;
	uint64_t ns;
} good[] = {
	{ "1732256520", 1732256520 * S },
	{ "1732256520.5", 1732256520 * S + S / 2 },
	{ "2024-11-22T06:22:00Z", 1732256520 * S },
	{ "2024-11-22T06:22:00.250Z", 1732256520 * S + S / 4 },
	{ "2024-11-22T06:22:00+00:00", 1732256520 * S },
	{ "2024-11-22T06:22:00.250+00:00", 1732256520 * S + S / 4 },
	{ "1970-01-01T00:00:01Z", S },
	{ "2024-02-29T00:00:00Z", 1709164800 * S },
	{ "2100-01-01T00:00:00Z", 4102444800 * S },
};

TEST_ROWS(understands, good)
{
	uint64_t ns = 0;
	struct err err = { 0 };

	ck_assert_msg(start_at_parse(row->text, &ns, &err) == 0, "%s: %s", row->text,
		      err.text);
	ck_assert_msg(ns > row->ns - 1000 && ns < row->ns + 1000, "%s: %llu", row->text,
		      (unsigned long long)ns);
}

static const char *const bad[] = {
	"",
	" ",
	"now",
	"12:00",
	"0",
	"-1",
	"-1732256520",
	"1732256520s",
	"1732256520 ",
	"nan",
	"inf",
	"1e300",
	"1732256520000", /* milliseconds */
	"2024-11-22",
	"2024-11-22T06:22:00",
	"2024-11-22T06:22Z",
	"2024-11-22 06:22:00Z",
	"2024-11-22T06:22:00+01:00", /* not UTC */
	"2024-11-22T06:22:00ZZ",
	"2024-11-22T06:22:00Z ",
	"2024-13-22T06:22:00Z",
	"2024-11-31T06:22:00Z",
	"2023-02-29T06:22:00Z",
	"2024-11-22T25:22:00Z",
	"2024-11-22T06:61:00Z",
	"2024-11-22T06:22:00.Z",
	"2024-11-22T06:22:00.5e9Z",
	"2024-11-22T06:22:00.nanZ",
	"1969-12-31T23:59:59Z", /* before the epoch: not the year 2554 */
	"0001-01-01T00:00:00Z",
};

TEST_ROWS(refuses, bad)
{
	uint64_t ns = 77;
	struct err err = { 0 };

	ck_assert_msg(start_at_parse(*row, &ns, &err) < 0, "'%s' is %llu", *row,
		      (unsigned long long)ns);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	ck_assert_msg(strstr(err.text, "--start-at"), "%s", err.text);
	ck_assert_uint_eq(ns, 77);
}

static struct loop loop;
static atomic_int interrupted;

static int wait_for(const char *text, uint64_t *begin_ns, struct err *err)
{
	int r;

	ck_assert_int_eq(loop_init(&loop, NULL, NULL, err), 0);
	r = start_at_wait(text, &loop, &interrupted, begin_ns, err);
	loop_done(&loop);
	return r;
}

static const char *in_ms(int ms)
{
	static char text[32];
	double at = (double)clock_wall_ns() / 1e9 + ms / 1e3;

	snprintf(text, sizeof(text), "%.6f", at);
	return text;
}

TEST(without_a_time_it_is_now)
{
	uint64_t begin_ns = 0, now = clock_ns();
	struct err err;

	ck_assert_int_eq(wait_for(NULL, &begin_ns, &err), 0);
	ck_assert_uint_ge(begin_ns, now);
	ck_assert_uint_le(begin_ns, clock_ns());
}

/* It returns somewhat early, so that all is ready at the moment itself. */
TEST(waits_for_the_moment)
{
	uint64_t begin_ns = 0, now = clock_ns();
	struct err err;

	ck_assert_int_eq(wait_for(in_ms(400), &begin_ns, &err), 0);
	ck_assert_uint_ge(clock_ns() - now, 100 * NS_PER_MS);
	ck_assert_uint_ge(begin_ns, now + 395 * NS_PER_MS);
	ck_assert_uint_le(begin_ns, now + 420 * NS_PER_MS);
}

TEST_TIMES(a_moment_that_is_past_is_refused, 4)
{
	const char *const past[] = { in_ms(-5), "1732256520", "2024-11-22T06:22:00Z",
				     "2026" };
	uint64_t begin_ns;
	struct err err = { 0 };

	ck_assert_int_eq(wait_for(past[_i], &begin_ns, &err), -ETIME);
	ck_assert_int_eq(err.exit, EXIT_NO_SUPPORT);
	ck_assert_msg(strstr(err.text, "past"), "%s", err.text);
}

static void *interrupt(void *arg)
{
	(void)arg;
	usleep(50000);
	interrupted = 2;
	loop_wake(&loop);
	return NULL;
}

TEST(a_signal_ends_the_wait)
{
	uint64_t begin_ns, now = clock_ns();
	pthread_t thread;
	struct err err;

	ck_assert_int_eq(loop_init(&loop, NULL, NULL, &err), 0);
	pthread_create(&thread, NULL, interrupt, NULL);
	ck_assert_int_eq(
		start_at_wait(in_ms(20000), &loop, &interrupted, &begin_ns, &err), 0);
	ck_assert_uint_lt(clock_ns() - now, 10 * NS_PER_S);
	ck_assert_uint_le(begin_ns, clock_ns());
	pthread_join(thread, NULL);
	loop_done(&loop);
}

CHECK_MAIN("start_at")
