/* sock - makes TCP sockets: listeners, and everything about them that is set once.  The
 * calls of the data path (connect, send, recv, close) are their modules' own. */
#ifndef TWSTORM_COMMON_KERNEL_SOCK_H
#define TWSTORM_COMMON_KERNEL_SOCK_H

#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/addr.h"
#include "common/base/err.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51 /* Linux 6.3; glibc 2.36 does not name it yet */
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* setsockopt() of an int: 0 or -errno. */
int sock_set(int fd, int level, int name, int value);

#define SOCK_KEEPALIVE_MAX_S      32767 /* the kernel's MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL */
#define SOCK_KEEPALIVE_MAX_PROBES 127 /* MAX_TCP_KEEPCNT */

/* Who else may listen at an address. */
enum sock_sharing {
	SOCK_ALONE, /* nobody, and nobody may before TIME_WAIT there is over */
	SOCK_FIRST, /* who joins later; whoever listens there already makes it fail */
	SOCK_JOIN, /* one of several: beside a SOCK_FIRST of the same program, or other programs' */
};
/* A listening, non-blocking socket; its fd, or -errno with a sentence.  All but SOCK_ALONE
 * have SO_REUSEADDR, so that a restart is not stopped by TIME_WAIT, and SO_REUSEPORT, so
 * that each worker may have one.  Either of them is enough to let bind() have a port in
 * TIME_WAIT.  Of several programs that ask for one address with SOCK_FIRST or SOCK_ALONE one
 * gets it, however close together they come.  Takes some 20 ms more where it is taken, and says
 * by which connection if nobody listens there (port_holder.h). */
int sock_listen(const struct addr *at, int backlog, enum sock_sharing sharing,
		struct err *err);
/* What a listener costs and saves its connections; set once, they inherit it. */
struct sock_economy {
	bool defer_accept; /* TCP_DEFER_ACCEPT: accept() only shows who has sent data */
	int fastopen;      /* TCP_FASTOPEN: handshakes with data at a time; 0 = none */
	bool no_quickack;  /* TCP_QUICKACK off: ACKs wait for data to ride on */
};
int sock_economize(int listener, const struct sock_economy *with, struct err *err);
/* Does net.ipv4.tcp_fastopen, as read, let this side use TCP Fast Open?  0, or -EOPNOTSUPP
 * (EXIT_NO_SUPPORT) with the sentence that says what to set. */
enum sock_side { SOCK_CLIENT, SOCK_SERVER };
int sock_fastopen_allowed(int64_t tcp_fastopen, enum sock_side side, struct err *err);
/* The address it is bound to (port 0 has become a number). */
int sock_local(int fd, struct addr *out, struct err *err);
/* -EOPNOTSUPP (EXIT_NO_SUPPORT) where the kernel has no IP_LOCAL_PORT_RANGE (before 6.3). */
int sock_probe_port_range(struct err *err);
/* SO_LINGER{1,seconds}: close() will block up to that long, O_NONBLOCK or not: docs/kernel-facts.md#linger. */
int sock_linger(int fd, int seconds);
/* The kernel asks after the other end once nothing has come for idle_s, then every interval_s,
 * and ends the connection (ETIMEDOUT) when `probes` had no answer.  0 or -errno. */
int sock_keepalive(int fd, int idle_s, int interval_s, int probes);
/* The error that is waiting at the socket, which is then gone (SO_ERROR); 0 = none. */
int sock_error(int fd);
/* The address of this host from which a socket, bound to `from` (NULL = not bound), goes to a
 * target; 0, or -errno: -EADDRNOTAVAIL = no address will do.  Asks a UDP socket: no packet leaves,
 * and no TCP port is taken. */
int sock_route(const struct addr *to, const struct addr *from, struct addr *local);
/* Do both ends of a connection send TCP timestamps?  1, 0, or -errno (TCP_INFO). */
int sock_timestamps(int fd);

#endif
