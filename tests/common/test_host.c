#include "common/kernel/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "tests/check_main.h"

#define GOOD "tests/data/proc"
#define OLD  "tests/data/proc_old"

/* clang-format off */
static const struct {
	const char *what, *name;
	size_t room;
	int code;
	const char *text;
	int64_t number; /* with -7 to fall back on */
} sysctls[] = {
	{ "a number",                  "ipv4.tcp_tw_reuse",         64, 0,        "2",           2 },
	{ "below core",                "core.somaxconn",            64, 0,        "4096",        4096 },
	{ "a tab becomes a blank",     "ipv4.ip_local_port_range",  64, 0,        "32768 60999", -7 },
	{ "no number",                 "ipv4.tcp_fin_timeout",      64, 0,        "many",        -7 },
	{ "empty",                     "ipv4.tcp_fastopen",         64, 0,        "",            -7 },
	{ "removed from this kernel",  "ipv4.tcp_tw_recycle",       64, -ENOENT,  NULL,          -7 },
	{ "longer than the room",      "ipv4.ip_local_port_range",  8,  -ENOBUFS, NULL,          -7 },
};
/* clang-format on */

TEST_ROWS(reads_sysctls, sysctls)
{
	char buf[64];
	int code = host_sysctl(GOOD, row->name, buf, row->room);

	ck_assert_msg(code == row->code, "%s: %d", row->what, code);
	if (code == 0)
		ck_assert_str_eq(buf, row->text);
	ck_assert_msg(host_sysctl_int(GOOD, row->name, -7) == row->number, "%s",
		      row->what);
}

static const struct {
	const char *what;
	uint16_t lo, hi;
	unsigned reserved;
} ranges[] = {
	{ "all of them", 1, 65535, 9 },
	{ "a range's end alone", 8082, 8083, 1 },
	{ "the ephemeral range", 32768, 60999, 4 },
	{ "one port", 5000, 5000, 1 },
	{ "the last port", 65535, 65535, 1 },
	{ "none", 5001, 8079, 0 },
};

TEST_ROWS(counts_reserved_ports, ranges)
{
	struct host_ports p;

	ck_assert_int_eq(host_ports(GOOD, &p, NULL), 0);
	ck_assert_uint_eq(p.lo, 32768);
	ck_assert_uint_eq(p.hi, 60999);
	ck_assert_msg(host_ports_reserved(&p, row->lo, row->hi) == row->reserved, "%s",
		      row->what);
}

TEST(a_range_the_wrong_way_round_is_an_error)
{
	struct host_ports p;
	struct err err;

	ck_assert_int_lt(host_ports(OLD, &p, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.text, "60999 32768"));
	ck_assert_int_eq(host_ports("tests/data/nowhere", &p, &err), -ENOENT);
}

TEST(knows_this_machine)
{
	struct utsname name;
	struct host host;
	struct host_ports p;

	ck_assert_int_eq(host_read(&host, NULL), 0);
	uname(&name);
	ck_assert_str_eq(host.kernel, name.release);
	ck_assert_uint_ge(host.cpus, 1);
	ck_assert(host.netns != 0);
	ck_assert_int_eq(host_ports("/proc", &p, NULL), 0);
	ck_assert_uint_le(p.lo, p.hi);
}

TEST(raises_the_soft_limit_to_the_hard_one)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max < 64 ? limit.rlim_max : 64;
	setrlimit(RLIMIT_NOFILE, &limit);
	ck_assert(host_raise_nofile() == limit.rlim_max);
	getrlimit(RLIMIT_NOFILE, &limit);
	ck_assert(limit.rlim_cur == limit.rlim_max);
}

static long table_size(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[128];
	long n = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "FDSize: %ld", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

TEST(makes_room_for_descriptors)
{
	struct rlimit limit;
	int before = dup(0), after;

	if (under_valgrind())
		return;
	getrlimit(RLIMIT_NOFILE, &limit);
	ck_assert_int_lt(table_size(), 700);
	host_reserve_descriptors(700);
	ck_assert_int_ge(table_size(), limit.rlim_cur < 700 ? limit.rlim_cur : 700);
	host_reserve_descriptors(0);
	host_reserve_descriptors(UINT64_MAX); /* as many as the limit allows */
	after = dup(0);
	ck_assert_int_eq(after, before + 1); /* none is left open */
}

CHECK_MAIN("host")
