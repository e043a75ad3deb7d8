#include "common/ports/facts.h"

#include <time.h>

#include "common/base/clock.h"

int (*facts_of_client)(int argc, char **argv, struct ports_facts *f);

/* The kernel's timers: the coarse clock moves with each tick. */
static double tick_s(void)
{
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) == -1)
		return 0;
	return (double)tick.tv_sec + (double)tick.tv_nsec / NS_PER_S;
}

void facts_set_sysctls(struct ports_facts *f, facts_sysctl *value, const void *host)
{
	/* Before Linux 6.14 there was no such sysctl. */
	bool has_delay = host_sysctl_int("/proc", "ipv4.tcp_tw_reuse_delay", -1) >= 0;

	f->timestamps = value(host, "ipv4.tcp_timestamps", 1) != 0;
	f->tw_reuse = (int)value(host, "ipv4.tcp_tw_reuse", 2);
	f->tw_reuse_delay_s =
		(double)value(host, "ipv4.tcp_tw_reuse_delay", has_delay ? 1000 : -1) /
		1000;
	f->autobind_reuse = value(host, "ipv4.ip_autobind_reuse", 0) != 0;
	f->fin_timeout_s = (double)value(host, "ipv4.tcp_fin_timeout", 60);
	f->tick_s = tick_s();
	f->max_tw_buckets = (uint64_t)value(host, "ipv4.tcp_max_tw_buckets", INT32_MAX);
}

static int64_t read_sysctl(const void *root, const char *name, int64_t otherwise)
{
	return host_sysctl_int(root, name, otherwise);
}

int facts_read_host(const char *root, struct ports_facts *f, struct host_ports *ports,
		    struct err *err)
{
	int r = host_ports(root, ports, err);

	if (r < 0)
		return r;
	f->lo = ports->lo;
	f->hi = ports->hi;
	facts_set_sysctls(f, read_sysctl, root);
	return 0;
}
