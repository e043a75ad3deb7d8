#include "common/kernel/proc_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include "tests/check_main.h"

#define GOOD "tests/data/proc"
#define OLD  "tests/data/proc_old"
#define TORN "tests/data/proc_torn"

/* clang-format off */
static const struct {
	const char *what, *root;
	enum kernel_counter counter;
	bool known;
	uint64_t n;
} counters[] = {
	{ "the first of its group",          GOOD, KC_ActiveOpens,    true,  13 },
	{ "after a column of -1",            GOOD, KC_PassiveOpens,   true,  12 },
	{ "in the middle",                   GOOD, KC_RetransSegs,    true,  4 },
	{ "from netstat",                    GOOD, KC_TW,             true,  5 },
	{ "known and zero",                  GOOD, KC_PAWSTimewait,   true,  0 },
	{ "of an older kernel",              OLD,  KC_SyncookiesSent, true,  7 },
	{ "as large as it gets",             OLD,  KC_TW,             true,  UINT64_MAX },
	{ "the last of its line",            OLD,  KC_TWRecycled,     true,  2 },
	{ "which an older kernel has not",   OLD,  KC_PAWSTimewait,   false, 0 },
};
/* clang-format on */

TEST_ROWS(reads_counters, counters)
{
	struct kernel_counters c;

	ck_assert_int_eq(proc_net_counters(row->root, &c, NULL), 0);
	ck_assert_msg((bool)(c.known >> row->counter & 1) == row->known, "%s", row->what);
	ck_assert_msg(c.n[row->counter] == row->n, "%s", row->what);
}

TEST(this_kernel_has_the_counters_we_report)
{
	struct kernel_counters c;

	ck_assert_int_eq(proc_net_counters(PROC_ROOT, &c, NULL), 0);
	ck_assert(c.known >> KC_ActiveOpens & 1);
	ck_assert(c.known >> KC_TW & 1);
	ck_assert(c.known >> KC_TCPTimeWaitOverflow & 1);
}

TEST(every_counter_has_a_name)
{
	for (int i = 0; i < KERNEL_COUNTERS; i++)
		ck_assert_ptr_nonnull(
			strchr(kernel_counter_name((enum kernel_counter)i), '.'));
	ck_assert_str_eq(kernel_counter_name(KC_TW), "TcpExt.TW");
	ck_assert_ptr_null(kernel_counter_name(KERNEL_COUNTERS));
}

TEST(a_difference_knows_what_both_know)
{
	struct kernel_counters a = { 0 }, b = { 0 };

	a.known = 1ull << KC_TW | 1ull << KC_InSegs;
	a.n[KC_TW] = 10;
	a.n[KC_InSegs] = 5;
	b.known = 1ull << KC_TW;
	b.n[KC_TW] = 4;
	kernel_counters_diff(&a, &b, &a);
	ck_assert(a.known == 1ull << KC_TW);
	ck_assert(a.n[KC_TW] == 6 && a.n[KC_InSegs] == 0);
}

static const struct {
	const char *what, *root;
	int code;
	const char *says;
} refusals[] = {
	{ "a value too few", TORN, -EINVAL, "do not match" },
	{ "no such root", "tests/data/nowhere", -ENOENT, "nowhere/net/snmp" },
};

TEST_ROWS(refuses_counters, refusals)
{
	struct kernel_counters c;
	struct err err;

	ck_assert_msg(proc_net_counters(row->root, &c, &err) == row->code, "%s",
		      row->what);
	ck_assert_msg(strstr(err.text, row->says) != NULL, "%s: %s", row->what, err.text);
}

/* clang-format off */
static const struct {
	const char *what, *root;
	struct sockstat want;
} sockstats[] = {
	{ "inuse of both families", GOOD,
	  { .inuse = 19, .tw = 5, .orphan = 25, .alloc = 47, .mem = 400 } },
	{ "a kernel without IPv6",  OLD,
	  { .inuse = 14, .tw = 5, .orphan = 25, .alloc = 47, .mem = 400 } },
};
/* clang-format on */

TEST_ROWS(reads_sockstat, sockstats)
{
	struct sockstat s;

	ck_assert_int_eq(proc_net_sockstat(row->root, &s, NULL), 0);
	ck_assert_msg(memcmp(&s, &row->want, sizeof(s)) == 0, "%s", row->what);
}

struct rows {
	struct proc_tcp_row at[64];
	unsigned n, stop_at;
};

static int keep(const struct proc_tcp_row *row, void *arg)
{
	struct rows *rows = arg;

	rows->at[rows->n++] = *row;
	return rows->n == rows->stop_at ? 42 : 0;
}

/* clang-format off */
static const struct {
	const char *what;
	unsigned at;
	int family;
	const char *local, *remote;
	uint16_t local_port, remote_port;
	unsigned state, timer;
	uint64_t expires_ms, inode;
} sockets[] = {
	{ "a listener", 0,
	  AF_INET, "127.0.0.1", "0.0.0.0", 5001, 0, STATE_LISTEN, 0, 0, 212867 },
	{ "a request socket", 3,
	  AF_INET, "127.0.0.1", "127.0.0.1", 5001, 44260, STATE_SYN_RECV, 1, 900, 0 },
	{ "TIME_WAIT, with the time left", 8,
	  AF_INET, "127.0.0.1", "127.0.0.1", 45198, 5002, STATE_TIME_WAIT, 3, 59680, 0 },
	{ "a FIN_WAIT2 minisock", 12,
	  AF_INET, "127.0.0.1", "127.0.0.1", 44232, 5001, STATE_FIN_WAIT2, 3, 59700, 0 },
	{ "the first of tcp6", 19,
	  AF_INET6, "::", "::", 5002, 0, STATE_LISTEN, 0, 0, 212868 },
	{ "IPv6", 20,
	  AF_INET6, "::1", "::1", 5002, 52820, STATE_ESTABLISHED, 0, 0, 212873 },
	{ "v4-mapped is IPv4", 21,
	  AF_INET, "127.0.0.1", "127.0.0.1", 5002, 45190, STATE_ESTABLISHED, 0, 0, 212875 },
};
/* clang-format on */

TEST_ROWS(reads_sockets, sockets)
{
	struct rows rows = { .n = 0 };
	const struct proc_tcp_row *r = &rows.at[row->at];
	char local[64], remote[64];

	ck_assert_int_eq(proc_net_tcp(GOOD, keep, &rows, NULL), 0);
	ck_assert_uint_eq(rows.n, 25);
	inet_ntop(r->family, r->local, local, sizeof(local));
	inet_ntop(r->family, r->remote, remote, sizeof(remote));
	ck_assert_msg(r->family == row->family, "%s", row->what);
	ck_assert_str_eq(local, row->local);
	ck_assert_str_eq(remote, row->remote);
	ck_assert_uint_eq(r->local_port, row->local_port);
	ck_assert_uint_eq(r->remote_port, row->remote_port);
	ck_assert_uint_eq(r->state, row->state);
	ck_assert_uint_eq(r->timer, row->timer);
	ck_assert_uint_eq(r->expires_ms, row->expires_ms);
	ck_assert_uint_eq(r->inode, row->inode);
}

TEST(stops_when_told)
{
	struct rows rows = { .stop_at = 2 };

	ck_assert_int_eq(proc_net_tcp(GOOD, keep, &rows, NULL), 42);
	ck_assert_uint_eq(rows.n, 2);
}

TEST(a_kernel_without_ipv6_has_ipv4_sockets)
{
	struct rows rows = { .n = 0 };

	ck_assert_int_eq(proc_net_tcp(OLD, keep, &rows, NULL), 0);
	ck_assert_uint_eq(rows.n, 19);
}

TEST(a_line_cut_short_is_an_error_with_its_number)
{
	struct rows rows = { .n = 0 };
	struct err err;

	ck_assert_int_eq(proc_net_tcp(TORN, keep, &rows, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "line 2"));
}

CHECK_MAIN("proc_net")
