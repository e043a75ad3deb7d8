#include "common/sock.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

int sock_listen(const struct addr *at, int backlog, bool reuse, struct err *err)
{
	int fd = socket(at->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char text[ADDR_TEXT];
	const int one = 1, shared = reuse;
	int r;

	if (fd == -1)
		return err_sys(err, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof(shared)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof(shared)) == -1 ||
	    (at->sa.sa_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == -1)) {
		r = err_sys(err, "setsockopt");
		goto fail;
	}
	if (bind(fd, &at->sa, at->len) == -1 || listen(fd, backlog) == -1) {
		r = err_sys(err, "cannot listen on %s",
			    addr_print(at, text, sizeof(text)));
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return r;
}

static int set_tcp(int fd, int name, int value)
{
	return setsockopt(fd, IPPROTO_TCP, name, &value, sizeof(value)) == -1 ? -errno
									      : 0;
}

int sock_economize(int listener, const struct sock_economy *with, struct err *err)
{
	/* One second: a client that sends nothing is accepted after one SYN-ACK more. */
	if (with->defer_accept && set_tcp(listener, TCP_DEFER_ACCEPT, 1) < 0)
		return err_sys(err, "TCP_DEFER_ACCEPT");
	if (with->fastopen && set_tcp(listener, TCP_FASTOPEN, with->fastopen) < 0)
		return err_sys(err, "TCP_FASTOPEN");
	if (with->no_quickack && sock_no_quickack(listener) < 0)
		return err_sys(err, "TCP_QUICKACK");
	return 0;
}

int sock_no_quickack(int fd)
{
	return set_tcp(fd, TCP_QUICKACK, 0);
}

int sock_fastopen_allowed(int64_t tcp_fastopen, enum sock_side side, struct err *err)
{
	const int bit = side == SOCK_CLIENT ? 1 : 2;

	if (tcp_fastopen & bit)
		return 0;
	return err_support(
		err,
		"--fastopen needs net.ipv4.tcp_fastopen with bit %d set, which "
		"allows it to %s; here it is %lld",
		bit, side == SOCK_CLIENT ? "clients" : "servers",
		(long long)tcp_fastopen);
}

int sock_local(int fd, struct addr *out, struct err *err)
{
	out->len = sizeof(out->in6);
	if (getsockname(fd, &out->sa, &out->len) == -1)
		return err_sys(err, "getsockname");
	return 0;
}

int sock_probe_port_range(struct err *err)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r = 0;
	const uint32_t none = 0;

	if (fd == -1)
		return err_sys(err, "socket");
	if (setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &none, sizeof(none)) == -1)
		r = err_support(err,
				"this kernel has no IP_LOCAL_PORT_RANGE (Linux 6.3 and "
				"later do), which --source-ports needs");
	close(fd);
	return r;
}

int sock_linger(int fd, int seconds)
{
	const struct linger l = { .l_onoff = 1, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == -1 ? -errno : 0;
}

int sock_linger2(int fd, int seconds)
{
	return set_tcp(fd, TCP_LINGER2, seconds);
}
