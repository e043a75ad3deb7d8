/* sock_diag - counts this network namespace's TCP sockets by asking the kernel over netlink
 * (inet_diag, libmnl): a state mask and port filters run in the kernel, one pass, nothing
 * allocated per socket.  FIN_WAIT2 minisocks count as FIN_WAIT2 (the kernel reports the
 * substate).  A dump is no snapshot: docs/kernel-facts.md#dump. */
#ifndef TWSTORM_COMMON_KERNEL_SOCK_DIAG_H
#define TWSTORM_COMMON_KERNEL_SOCK_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/port.h"
#include "common/kernel/tcp_state.h"

struct sock_diag; /* one netlink socket and its buffer; used by one thread at a time */

/* Every state ss(8) shows; bit n = kernel state n. */
#define SOCK_DIAG_ALL_STATES 0xffeu
/* On top of them: sockets bound to a port that neither listen nor are connected, reported as
 * CLOSE (Linux 6.8+; older kernels give none).  ss before 6.8, netstat and /proc/net/tcp do
 * not show them.  The kernel walks the bind table for it, which costs a walk more. */
#define SOCK_DIAG_BOUND (1u << 13)

#define SOCK_DIAG_RETRANSMIT 1 /* the timer of a segment that nobody has acknowledged */
#define SOCK_DIAG_TIMEWAIT                                                               \
	3 /* the timer of TIME_WAIT, and of FIN_WAIT2 without a program */

/* What tcp_info says of a connection; all 0 where the kernel sends none (minisocks, requests, listeners). */
struct sock_diag_info {
	bool there;
	bool timestamps;           /* both ends use them */
	uint8_t retransmits;       /* in a row, without an answer */
	uint32_t last_ack_recv_ms; /* since the peer's last segment with an ACK */
	uint32_t min_rtt_us;       /* UINT32_MAX = none was measured: never connected */
	uint32_t segs_in, data_segs_in, data_segs_out;
	uint64_t bytes_acked, bytes_sent,
		bytes_retrans; /* acked: SYN and FIN count as one each */
};

/* What one socket looks like in the dump.  A v4-mapped socket is an AF_INET one. */
struct sock_diag_row {
	int family;                          /* AF_INET or AF_INET6 */
	bool is_six;                         /* an IPv6 program's, v4-mapped or not */
	const unsigned char *local, *remote; /* network order, 4 or 16 bytes */
	uint16_t local_port, remote_port;    /* host order */
	uint8_t state;                       /* enum tcp_state_no */
	uint8_t timer; /* 0 none, 1 retransmit, 2 keepalive, 3 SOCK_DIAG_TIMEWAIT, 4 probe */
	uint32_t expires_ms;     /* of the timer; for TIME_WAIT the time left */
	uint32_t inode;          /* 0 = no descriptor: minisocks, requests, orphans */
	uint32_t recv_q, send_q; /* bytes; of a listener those who wait, and its limit */
	uint64_t cookie;         /* the socket's own number, in TIME_WAIT too */
	uint32_t uid;            /* whose it is; 0 too where nobody is known (inode 0) */
	/* With `details` alone, else 0: */
	uint64_t
		cgroup; /* inode of its directory; 0 = not told (Linux before 5.8, minisocks) */
	struct sock_diag_info info;
};

/* For the network namespace the calling thread is in.  -EPERM, -EPROTONOSUPPORT, -ENOENT, ...
 * where the kernel has no inet_diag for us (EXIT_NO_SUPPORT). */
int sock_diag_open(struct sock_diag **out, struct err *err);
void sock_diag_close(struct sock_diag *d);

/* Which sockets to dump: states, and ports.  A port test passes if it is inside any of the
 * given ranges; both tests empty = all; a socket is dumped if its local port passes the
 * local test OR its remote port passes the remote test (in the kernel, by bytecode). */
#define SOCK_DIAG_RANGES 16
struct sock_diag_query {
	uint32_t states; /* SOCK_DIAG_ALL_STATES, or a mask; may have SOCK_DIAG_BOUND */
	struct port_range local[SOCK_DIAG_RANGES], remote[SOCK_DIAG_RANGES];
	unsigned n_local, n_remote;
	bool details; /* info and cgroup too; 0.2 us more for each that is no minisock */
};

/* Calls row() (may be NULL) for each socket, listeners first, then IPv4 and IPv6 mixed,
 * until it returns non-zero: then the rest is read and thrown away, and that is returned.  0 or -errno. */
int sock_diag_dump(struct sock_diag *d, const struct sock_diag_query *q,
		   int (*row)(const struct sock_diag_row *, void *), void *arg,
		   struct err *err);

/* Asks for one socket, by family, addresses and ports of `ends`: row() gets the one that a segment to it would
 * reach (inet_lookup()), which is the listener where there is none with these ends.  Some us, where a dump walks
 * over every bucket.  0, -ENOENT, or another -errno. */
int sock_diag_find(struct sock_diag *d, const struct sock_diag_row *ends,
		   int (*row)(const struct sock_diag_row *, void *), void *arg,
		   struct err *err);

/* One dump while its datagrams come in. */
struct sock_diag_reading {
	unsigned seq, portid; /* of the request: other messages are passed over */
	uint32_t states;
	bool details;
	int (*row)(const struct sock_diag_row *, void *); /* may be NULL */
	void *arg;
	int stopped; /* what row() returned to stop: the rest is read and thrown away */
	bool done;   /* the last message has been read */
};

/* Reads one datagram of the kernel's answer, aligned as struct nlmsghdr is.  0, or -errno: what
 * the kernel reports, or -EPROTO where the bytes are no messages.  Pure: tests and the fuzzer can
 * hand it any bytes. */
int sock_diag_read(struct sock_diag_reading *r, const void *datagram, size_t len,
		   struct err *err);

#endif
