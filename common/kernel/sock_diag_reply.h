/* sock_diag_reply - reads the datagrams by which the kernel answers a dump of sockets.  Pure:
 * it makes no system call, so tests and the fuzzer can hand it any bytes. */
#ifndef TWSTORM_COMMON_KERNEL_SOCK_DIAG_REPLY_H
#define TWSTORM_COMMON_KERNEL_SOCK_DIAG_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"
#include "common/kernel/sock_diag.h"

#define SOCK_DIAG_NEW_SYN_RECV                                                           \
	12 /* request sockets; the dump itself calls them SYN_RECV */

/* One dump while its datagrams come in. */
struct sock_diag_reading {
	unsigned seq, portid; /* of the request: other messages are passed over */
	uint32_t states;
	int (*row)(const struct sock_diag_row *, void *); /* may be NULL */
	void *arg;
	int stopped; /* what row() returned to stop: the rest is read and thrown away */
	bool done;   /* the last message has been read */
};

/* Reads one datagram, aligned as struct nlmsghdr is.  0, or -errno: what the kernel reports, or
 * -EPROTO where the bytes are no messages. */
int sock_diag_read(struct sock_diag_reading *r, const void *datagram, size_t len,
		   struct err *err);

#endif
