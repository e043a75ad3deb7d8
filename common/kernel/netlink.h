/* netlink - opens a netlink socket and walks over what the kernel answers.  libmnl's own walk,
 * mnl_nlmsg_ok() and mnl_cb_run(), compares lengths as signed numbers: a message that says it
 * has 2 GiB or more passes, and one of 0xffffffff bytes is followed by itself for ever. */
#ifndef TWSTORM_COMMON_KERNEL_NETLINK_H
#define TWSTORM_COMMON_KERNEL_NETLINK_H

#include <libmnl/libmnl.h>
#include <stddef.h>
#include <sys/types.h>
#include "common/base/err.h"

/* A socket of that family (NETLINK_ROUTE, ...) in the calling thread's network namespace.
 * -errno: *out is NULL. */
int netlink_open(int family, struct mnl_socket **out, struct err *err);
/* One datagram into buf: its length, at least 1.  -ETIMEDOUT if the kernel says nothing for
 * 10 s, -EPROTO for an empty datagram, -ENOSPC for one longer than buf, or another -errno. */
ssize_t netlink_receive(struct mnl_socket *nl, void *buf, size_t size, struct err *err);

/* The message at the front of `len` bytes (aligned as struct nlmsghdr is); NULL if no whole
 * message is there. */
const struct nlmsghdr *netlink_first(const void *bytes, size_t len);
/* How many of the `left` bytes at nlh, which netlink_first() returned, lie behind it. */
size_t netlink_rest(const struct nlmsghdr *nlh, size_t left);
/* The positive errno that a NLMSG_ERROR or NLMSG_DONE carries, 0 if none; EPROTO for an error
 * too short to carry a number. */
int netlink_errno(const struct nlmsghdr *nlh);

#endif
