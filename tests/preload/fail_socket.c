/* fail_socket - for LD_PRELOAD: there is no sock_diag, and every fifth TCP socket is refused with
 * ENOBUFS. */
#include <errno.h>
#include <linux/netlink.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int socket(int domain, int type, int protocol)
{
	static atomic_int n;

	errno = ENOBUFS;
	if (domain == AF_INET && n++ % 5 == 4)
		return -1;
	errno = EPROTONOSUPPORT;
	if (domain == AF_NETLINK && protocol == NETLINK_SOCK_DIAG)
		return -1;
	return (int)syscall(SYS_socket, domain, type, protocol);
}
