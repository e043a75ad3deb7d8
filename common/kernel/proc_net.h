/* proc_net - reads /proc/net/{snmp,netstat,sockstat,sockstat6,tcp,tcp6} below a given root,
 * so that tests can hand it fixtures.  All figures are of the calling thread's network
 * namespace when root is "/proc/thread-self" (or "/proc/self"). */
#ifndef TWSTORM_COMMON_KERNEL_PROC_NET_H
#define TWSTORM_COMMON_KERNEL_PROC_NET_H

#include <stdint.h>
#include <stdio.h>
#include "common/base/err.h"
#include "common/kernel/tcp_state.h"

#define PROC_ROOT "/proc/thread-self" /* PROC_ROOT "/net/snmp" and so on */

/* The kernel's counters we report, under the kernel's names: one line each.
 * X(identifier, group as in the file, name as in the file) */
#define KERNEL_COUNTER_LIST(X)                                                           \
	X(ActiveOpens, "Tcp", "ActiveOpens")                                             \
	X(PassiveOpens, "Tcp", "PassiveOpens")                                           \
	X(AttemptFails, "Tcp", "AttemptFails")                                           \
	X(EstabResets, "Tcp", "EstabResets")                                             \
	X(InSegs, "Tcp", "InSegs")                                                       \
	X(OutSegs, "Tcp", "OutSegs")                                                     \
	X(RetransSegs, "Tcp", "RetransSegs")                                             \
	X(InErrs, "Tcp", "InErrs")                                                       \
	X(OutRsts, "Tcp", "OutRsts")                                                     \
	X(TW, "TcpExt", "TW")                                                            \
	X(TWRecycled, "TcpExt", "TWRecycled")                                            \
	X(TWKilled, "TcpExt", "TWKilled")                                                \
	X(TCPTimeWaitOverflow, "TcpExt", "TCPTimeWaitOverflow")                          \
	X(PAWSActive, "TcpExt", "PAWSActive")                                            \
	X(PAWSEstab, "TcpExt", "PAWSEstab")                                              \
	X(PAWSTimewait, "TcpExt", "PAWSTimewait")                                        \
	X(TCPACKSkippedTimeWait, "TcpExt", "TCPACKSkippedTimeWait")                      \
	X(TCPAbortOnData, "TcpExt", "TCPAbortOnData")                                    \
	X(TCPAbortOnClose, "TcpExt", "TCPAbortOnClose")                                  \
	X(TCPAbortOnMemory, "TcpExt", "TCPAbortOnMemory")                                \
	X(TCPAbortOnTimeout, "TcpExt", "TCPAbortOnTimeout")                              \
	X(TCPAbortOnLinger, "TcpExt", "TCPAbortOnLinger")                                \
	X(ListenOverflows, "TcpExt", "ListenOverflows")                                  \
	X(ListenDrops, "TcpExt", "ListenDrops")                                          \
	X(TCPReqQFullDrop, "TcpExt", "TCPReqQFullDrop")                                  \
	X(TCPReqQFullDoCookies, "TcpExt", "TCPReqQFullDoCookies")                        \
	X(SyncookiesSent, "TcpExt", "SyncookiesSent")                                    \
	X(SyncookiesRecv, "TcpExt", "SyncookiesRecv")                                    \
	X(SyncookiesFailed, "TcpExt", "SyncookiesFailed")                                \
	X(TCPSynRetrans, "TcpExt", "TCPSynRetrans")                                      \
	X(TCPSYNChallenge, "TcpExt", "TCPSYNChallenge")                                  \
	X(TCPTimeouts, "TcpExt", "TCPTimeouts")                                          \
	X(TCPLossProbes, "TcpExt", "TCPLossProbes")                                      \
	X(TCPFastOpenActive, "TcpExt", "TCPFastOpenActive")                              \
	X(TCPFastOpenActiveFail, "TcpExt", "TCPFastOpenActiveFail")                      \
	X(TCPFastOpenPassive, "TcpExt", "TCPFastOpenPassive")                            \
	X(TCPFastOpenPassiveFail, "TcpExt", "TCPFastOpenPassiveFail")                    \
	X(TCPFastOpenListenOverflow, "TcpExt", "TCPFastOpenListenOverflow")              \
	X(TCPFastOpenCookieReqd, "TcpExt", "TCPFastOpenCookieReqd")                      \
	X(TCPDeferAcceptDrop, "TcpExt", "TCPDeferAcceptDrop")

enum kernel_counter {
#define X(id, group, name) KC_##id,
	KERNEL_COUNTER_LIST(X)
#undef X
		KERNEL_COUNTERS,
};

struct kernel_counters {
	uint64_t n[KERNEL_COUNTERS];
	uint64_t known; /* bit i: this kernel has counter i */
};

/* "TcpExt.TW" */
const char *kernel_counter_name(enum kernel_counter c);
/* The files kept open, for who reads them often, or must when no descriptor is left. */
enum { PROC_SNMP, PROC_NETSTAT, PROC_SOCKSTAT, PROC_SOCKSTAT6, PROC_NET_FILES };
struct proc_net_files {
	FILE *file[PROC_NET_FILES]; /* owned; the last NULL without IPv6 */
};
int proc_net_open(const char *root, struct proc_net_files *out, struct err *err);
void proc_net_close(struct proc_net_files *files); /* half-opened too */
int proc_net_read_counters(struct proc_net_files *files, struct kernel_counters *out,
			   struct err *err);

/* Reads ROOT/net/snmp and ROOT/net/netstat.  0 or -errno. */
int proc_net_counters(const char *root, struct kernel_counters *out, struct err *err);
/* into = now - before, where both are known. */
void kernel_counters_diff(const struct kernel_counters *now,
			  const struct kernel_counters *before,
			  struct kernel_counters *into);

struct sockstat {
	uint64_t inuse, tw;          /* per namespace; tw includes FIN_WAIT2 minisocks */
	uint64_t orphan, alloc, mem; /* the machine's: docs/kernel-facts.md#sockstat */
};
int proc_net_sockstat(const char *root, struct sockstat *out, struct err *err);
void proc_net_read_sockstat(struct proc_net_files *files, struct sockstat *out);

/* One line of /proc/net/tcp or tcp6; addresses in network order, v4 in the first word with
 * family telling which.  A v4-mapped socket is an AF_INET one. */
struct proc_tcp_row {
	int family; /* AF_INET or AF_INET6 */
	unsigned char local[16], remote[16];
	uint16_t local_port, remote_port;
	uint8_t state, timer;
	uint64_t expires_ms; /* of the timer; for TIME_WAIT the time left */
	uint64_t inode;
};
/* Calls row() for each socket; stops when it returns non-zero and returns that. */
int proc_net_tcp(const char *root, int (*row)(const struct proc_tcp_row *, void *),
		 void *arg, struct err *err);

#endif
