/* tcp_state - the kernel's TCP states under the names of the result (RFC 9293, with the
 * kernel's spelling of ss(8) and netstat(8)).  Names and enum come from this one list. */
#ifndef TWSTORM_COMMON_KERNEL_TCP_STATE_H
#define TWSTORM_COMMON_KERNEL_TCP_STATE_H

#include <stdint.h>

/* clang-format off */
/* X(name, kernel number in include/net/tcp_states.h, ss(8)'s name, netstat(8)'s name) */
#define TCP_STATE_LIST(X)                                   \
	X(ESTABLISHED, 1, "ESTAB", "ESTABLISHED")           \
	X(SYN_SENT, 2, "SYN-SENT", "SYN_SENT")              \
	X(SYN_RECV, 3, "SYN-RECV", "SYN_RECV")              \
	X(FIN_WAIT1, 4, "FIN-WAIT-1", "FIN_WAIT1")          \
	X(FIN_WAIT2, 5, "FIN-WAIT-2", "FIN_WAIT2")          \
	X(TIME_WAIT, 6, "TIME-WAIT", "TIME_WAIT")           \
	X(CLOSE, 7, "UNCONN", "CLOSE")                      \
	X(CLOSE_WAIT, 8, "CLOSE-WAIT", "CLOSE_WAIT")        \
	X(LAST_ACK, 9, "LAST-ACK", "LAST_ACK")              \
	X(LISTEN, 10, "LISTEN", "LISTEN")                   \
	X(CLOSING, 11, "CLOSING", "CLOSING")

enum tcp_state_no {
#define X(name, no, ss, netstat) STATE_##name = no,
	TCP_STATE_LIST(X)
#undef X
	TCP_STATE_MAX = 12, /* one past the last; index 0 is unused */
};
/* clang-format on */

/* How many sockets were in each state; index = kernel number. */
struct tcp_states {
	uint64_t n[TCP_STATE_MAX];
};

const char *tcp_state_name(unsigned state);         /* "TIME_WAIT"; NULL outside 1..11 */
const char *tcp_state_netstat_name(unsigned state); /* "TIME_WAIT" */
const char *tcp_state_ss_name(unsigned state);      /* "TIME-WAIT" */
/* By any of the three names, case-insensitive; 0 if there is no such state. */
unsigned tcp_state_by_name(const char *name);
/* peak[i] = max(peak[i], now[i]) */
void tcp_states_peak(struct tcp_states *peak, const struct tcp_states *now);
uint64_t tcp_states_total(const struct tcp_states *s); /* LISTEN not counted */

#endif
