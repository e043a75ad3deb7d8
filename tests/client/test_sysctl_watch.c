/* Sysctls that change while a run is watched, in a network namespace of its own. */
#include "client/sysctl_watch.h"

#include "tests/check_main.h"
#include "tests/private_netns.h"

static struct sysctl_watch *watch;

static void begin(void)
{
	ck_assert(private_netns());
	watch = sysctl_watch_begin();
	ck_assert_ptr_nonnull(watch);
}

static void end(void)
{
	free(watch);
}

TEST(nothing_has_changed)
{
	struct sysctl_change change;

	ck_assert(netns_sysctl("tcp_rfc1337", "1")); /* decides nothing here */
	sysctl_watch_end(watch);
	ck_assert(!sysctl_watch_change(watch, 0, &change));
	ck_assert(!sysctl_watch_range_changed(watch));
}

TEST(two_have_changed)
{
	struct sysctl_change change;

	ck_assert(netns_sysctl("ip_local_port_range", "40000 40099"));
	ck_assert(netns_sysctl("tcp_fin_timeout", "7"));
	ck_assert_msg(!sysctl_watch_change(watch, 0, &change), "not read again yet");
	sysctl_watch_end(watch);
	ck_assert(sysctl_watch_range_changed(watch));
	ck_assert(sysctl_watch_change(watch, 0, &change));
	ck_assert_str_eq(change.name, "net.ipv4.ip_local_port_range");
	ck_assert_str_eq(change.to, "40000 40099");
	ck_assert(sysctl_watch_change(watch, 1, &change));
	ck_assert_str_eq(change.name, "net.ipv4.tcp_fin_timeout");
	ck_assert_str_eq(change.from, "60");
	ck_assert_str_eq(change.to, "7");
	ck_assert(!sysctl_watch_change(watch, 2, &change));
}

TEST(without_memory_nothing_is_known)
{
	struct sysctl_change change;

	sysctl_watch_end(NULL);
	ck_assert(!sysctl_watch_change(NULL, 0, &change));
	ck_assert(!sysctl_watch_range_changed(NULL));
}

int main(void)
{
	check_before = begin;
	check_after = end;
	return private_netns_works() ? check_main("sysctl_watch", check_tests) : 77;
}
