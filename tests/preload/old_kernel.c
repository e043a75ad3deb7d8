/* old_kernel - for LD_PRELOAD: the kernel is one of Linux 5.4.  It says so; the size of a directory of descriptors is 0, as it was
 * before Linux 6.2; what sock_diag tells has no cgroup, as before 5.8; asked for sockets that are only bound, it gives none, as
 * before 6.8.  With OLD_KERNEL_BY_FAMILY it refuses a dump of both families at once, which no kernel is known to do. */
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BOUND     (1u << 13)
#define CGROUP_ID 21   /* INET_DIAG_CGROUP_ID */
#define NO_ATTR   1000 /* which nobody knows */
#define NO_TYPE   17   /* below TCPDIAG_GETSOCK: the kernel answers EINVAL */

int uname(struct utsname *name)
{
	int r = (int)syscall(SYS_uname, name);

	strcpy(name->release, "5.4.0-test");
	return r;
}

int stat(const char *path, struct stat *st)
{
	int r = (int)syscall(SYS_newfstatat, -100, path, st, 0);
	size_t len = strlen(path);

	if (r == 0 && len > 3 && strcmp(path + len - 3, "/fd") == 0)
		st->st_size = 0;
	return r;
}

static void make_old(struct nlmsghdr *nlh)
{
	const char *by_family = getenv("OLD_KERNEL_BY_FAMILY");

	if (nlh->nlmsg_type == TCPDIAG_GETSOCK && by_family && by_family[0])
		nlh->nlmsg_type = NO_TYPE;
	else if (nlh->nlmsg_type == TCPDIAG_GETSOCK)
		((struct inet_diag_req *)NLMSG_DATA(nlh))->idiag_states &= ~BOUND;
	else if (nlh->nlmsg_type == SOCK_DIAG_BY_FAMILY)
		((struct inet_diag_req_v2 *)NLMSG_DATA(nlh))->idiag_states &= ~BOUND;
}

ssize_t sendto(int fd, const void *bytes, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	_Alignas(struct nlmsghdr) char copy[4096];

	if (to && to->sa_family == AF_NETLINK && len >= NLMSG_LENGTH(0) &&
	    len <= sizeof(copy)) {
		make_old(memcpy(copy, bytes, len));
		bytes = copy;
	}
	return syscall(SYS_sendto, fd, bytes, len, flags, to, to_len);
}

static void without_cgroup(struct nlmsghdr *nlh)
{
	char *at = (char *)NLMSG_DATA(nlh) + NLMSG_ALIGN(sizeof(struct inet_diag_msg));
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	struct nlattr *attr;

	if (nlh->nlmsg_type != TCPDIAG_GETSOCK && nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return;
	for (; at + sizeof(*attr) <= end; at += NLA_ALIGN(attr->nla_len)) {
		attr = (struct nlattr *)at;
		if (attr->nla_len < sizeof(*attr))
			return;
		if (attr->nla_type == CGROUP_ID)
			attr->nla_type = NO_ATTR;
	}
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	const struct sockaddr *from = msg->msg_name;
	struct nlmsghdr *nlh = n > 0 ? msg->msg_iov[0].iov_base : NULL;
	int left = (int)n;

	if (!from || msg->msg_namelen < sizeof(from->sa_family) ||
	    from->sa_family != AF_NETLINK)
		return n;
	for (; left > 0 && NLMSG_OK(nlh, (unsigned)left); nlh = NLMSG_NEXT(nlh, left))
		without_cgroup(nlh);
	return n;
}
