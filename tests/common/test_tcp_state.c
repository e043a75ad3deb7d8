#include "common/kernel/tcp_state.h"

#include <netinet/tcp.h>
#include "tests/check_main.h"

TEST_TIMES(every_state_has_every_name, TCP_STATE_MAX - 1)
{
	unsigned state = (unsigned)_i + 1; /* 1..11 */

	ck_assert_ptr_nonnull(tcp_state_name(state));
	ck_assert_ptr_nonnull(tcp_state_netstat_name(state));
	ck_assert_uint_eq(tcp_state_by_name(tcp_state_name(state)), state);
	ck_assert_uint_eq(tcp_state_by_name(tcp_state_netstat_name(state)), state);
}

static const struct {
	const char *what, *name;
	unsigned state; /* by libc's header, not ours */
} names[] = {
	{ "ours", "TIME_WAIT", TCP_TIME_WAIT },
	{ "ss's", "FIN-WAIT-1", TCP_FIN_WAIT1 },
	{ "ss's short one", "ESTAB", TCP_ESTABLISHED },
	{ "ss's other word", "UNCONN", TCP_CLOSE },
	{ "lower case", "syn-recv", TCP_SYN_RECV },
	{ "mixed case", "Close_Wait", TCP_CLOSE_WAIT },
	{ "no such state", "TIMEWAIT", 0 },
	{ "only the beginning", "TIME", 0 },
	{ "nothing", "", 0 },
};

TEST_ROWS(finds_by_name, names)
{
	ck_assert_msg(tcp_state_by_name(row->name) == row->state, "%s", row->what);
}

TEST(no_name_outside)
{
	ck_assert_ptr_null(tcp_state_name(0));
	ck_assert_ptr_null(tcp_state_name(TCP_STATE_MAX));
	ck_assert_ptr_null(tcp_state_netstat_name(0));
}

TEST(counts_add_up)
{
	struct tcp_states a = { .n = { [STATE_TIME_WAIT] = 5, [STATE_LISTEN] = 2 } };
	struct tcp_states b = { .n = { [STATE_TIME_WAIT] = 3, [STATE_CLOSING] = 1 } };
	struct tcp_states peak = a;

	tcp_states_peak(&peak, &b);
	ck_assert_uint_eq(peak.n[STATE_TIME_WAIT], 5);
	ck_assert_uint_eq(peak.n[STATE_CLOSING], 1);
	ck_assert_uint_eq(tcp_states_total(&a), 5); /* LISTEN is no connection */
}

CHECK_MAIN("tcp_state")
