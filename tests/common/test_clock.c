#include "common/base/clock.h"

#include "tests/check_main.h"

static const struct {
	const char *what;
	uint64_t wall_ns;
	const char *text;
} stamps[] = {
	{ "the epoch", 0, "1970-01-01T00:00:00.000Z" },
	{ "milliseconds are cut, not rounded", 1999999, "1970-01-01T00:00:00.001Z" },
	{ "a moment of 2026", 1795328520123456789, "2026-11-22T06:22:00.123Z" },
};

TEST_ROWS(prints_rfc3339, stamps)
{
	char buf[25];

	clock_rfc3339(row->wall_ns, buf, sizeof(buf));
	ck_assert_msg(strcmp(buf, row->text) == 0, "%s: %s", row->what, buf);
}

TEST(monotonic_never_goes_back)
{
	uint64_t before = clock_ns(), now;
	int i;

	for (i = 0; i < 1000; i++) {
		now = clock_ns();
		ck_assert_uint_ge(now, before);
		before = now;
	}
}

TEST(wall_clock_is_of_this_century)
{
	uint64_t year_2020 = 1577836800 * NS_PER_S;

	ck_assert_uint_gt(clock_wall_ns(), year_2020);
	ck_assert_uint_lt(clock_wall_ns(), year_2020 + 80 * 31622400ull * NS_PER_S);
}

TEST(cpu_time_grows_with_work)
{
	uint64_t before = clock_thread_cpu_ns(), now = before;
	struct cpu_time cpu;

	while (now - before < 20 * NS_PER_MS)
		now = clock_thread_cpu_ns();
	clock_process_cpu(&cpu);
	/* getrusage() may lag by a tick of the kernel */
	ck_assert_uint_ge(cpu.user_ns + cpu.system_ns, 5 * NS_PER_MS);
}

CHECK_MAIN("clock")
