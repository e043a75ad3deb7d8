#include "common/kernel/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define WAIT_S 10 /* the kernel answers in the system call that asks */

int netlink_open(int family, struct mnl_socket **out, struct err *err)
{
	const struct timeval limit = { .tv_sec = WAIT_S };
	int r = 0;

	*out = mnl_socket_open2(family, SOCK_CLOEXEC);
	if (!*out)
		return err_sys(err, "netlink socket");
	if (mnl_socket_bind(*out, 0, MNL_SOCKET_AUTOPID) == -1)
		r = err_sys(err, "netlink bind");
	else if (setsockopt(mnl_socket_get_fd(*out), SOL_SOCKET, SO_RCVTIMEO, &limit,
			    sizeof(limit)) == -1)
		r = err_sys(err, "netlink socket");
	if (r < 0) {
		mnl_socket_close(*out);
		*out = NULL;
	}
	return r;
}

ssize_t netlink_receive(struct mnl_socket *nl, void *buf, size_t size, struct err *err)
{
	ssize_t len;

	do
		len = mnl_socket_recvfrom(nl, buf, size);
	while (len == -1 && errno == EINTR);
	if (len > 0)
		return len;
	if (len == 0)
		errno = EPROTO;
	else if (errno == EAGAIN)
		errno = ETIMEDOUT;
	return err_sys(err, "netlink reply");
}

const struct nlmsghdr *netlink_first(const void *bytes, size_t len)
{
	const struct nlmsghdr *nlh = bytes;

	if (len < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len)
		return NULL;
	return nlh;
}

size_t netlink_rest(const struct nlmsghdr *nlh, size_t left)
{
	size_t used = NLMSG_ALIGN((size_t)nlh->nlmsg_len);

	return used < left ? left - used : 0;
}

int netlink_errno(const struct nlmsghdr *nlh)
{
	int no;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(no))
		return nlh->nlmsg_type == NLMSG_ERROR ? EPROTO : 0;
	memcpy(&no, (const char *)nlh + NLMSG_HDRLEN, sizeof(no));
	return no < 0 && no > -4096 ? -no : no ? EPROTO : 0;
}
