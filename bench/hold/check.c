#include "bench/hold/check.h"

#include "common/kernel/host.h"

#define SPARE_FDS 32 /* the program's own, listeners while they are needed */
#define PROC      "/proc"

/* When its queue is more than half full, the kernel gives the older ones up early
 * (reqsk_timer_handler()), and without SYN cookies it keeps a quarter of tcp_max_syn_backlog
 * free (tcp_conn_request()). */
uint64_t hold_handshakes_each(void)
{
	int64_t queue = host_sysctl_int(PROC, "core.somaxconn", 4096) / 2;
	int64_t backlog = host_sysctl_int(PROC, "ipv4.tcp_max_syn_backlog", 128) / 4 * 3;

	if (host_sysctl_int(PROC, "ipv4.tcp_syncookies", 1) == 0 && backlog < queue)
		queue = backlog;
	return queue > 1 ? (uint64_t)queue : 1;
}

unsigned hold_batch_size(void)
{
	int64_t queue = host_sysctl_int(PROC, "core.somaxconn", 4096);

	if (queue < 1)
		return 1;
	return queue < HOLD_BATCH ? (unsigned)queue : HOLD_BATCH;
}

unsigned hold_listeners_for(uint64_t n, uint64_t per_listener)
{
	return (unsigned)((n + per_listener - 1) / per_listener);
}

static int check_descriptors(const struct hold *h, struct err *err)
{
	uint64_t need = SPARE_FDS + 2 * HOLD_BATCH + h->wanted.n[STATE_LISTEN];
	uint64_t limit = host_raise_nofile();

	for (const struct hold_recipe *r = hold_recipes; r->make; r++)
		if (r->state != STATE_LISTEN)
			need += h->wanted.n[r->state] * (r->ours + r->peers);
	if (need > limit)
		return err_support(err,
				   "this mix needs %llu descriptors, the limit is %llu "
				   "(RLIMIT_NOFILE)",
				   (unsigned long long)need, (unsigned long long)limit);
	return 0;
}

static int check_time_wait(const struct hold *h, struct err *err)
{
	int64_t most = host_sysctl_int(PROC, "ipv4.tcp_max_tw_buckets", INT64_MAX);

	if (most >= 0 && h->wanted.n[STATE_TIME_WAIT] > (uint64_t)most)
		return err_support(err,
				   "TIME_WAIT=%llu is more than tcp_max_tw_buckets, %lld",
				   (unsigned long long)h->wanted.n[STATE_TIME_WAIT],
				   (long long)most);
	return 0;
}

static int check_listeners(const struct hold *h, struct err *err)
{
	unsigned listeners =
		hold_listeners_for(h->wanted.n[STATE_SYN_RECV], hold_handshakes_each());

	if (listeners && host_sysctl_int(PROC, "ipv4.tcp_syncookies", 1) == 2)
		return err_support(err, "SYN_RECV cannot be held with tcp_syncookies=2: "
					"no handshake is remembered");
	if (h->plan.mix.n[STATE_LISTEN] && h->plan.mix.n[STATE_LISTEN] < listeners)
		return err_usage(
			err,
			"SYN_RECV=%llu needs LISTEN=%u or more: a listener holds "
			"%llu handshakes here (net.core.somaxconn)",
			(unsigned long long)h->wanted.n[STATE_SYN_RECV], listeners,
			(unsigned long long)hold_handshakes_each());
	return 0;
}

int hold_check(const struct hold *h, struct err *err)
{
	int r = check_listeners(h, err);

	r = r ? r : check_descriptors(h, err);
	return r ? r : check_time_wait(h, err);
}
