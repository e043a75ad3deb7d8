#include "common/kernel/sock.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/kernel/port_holder.h"

#define TRIES_AGAIN  4
#define TRY_AGAIN_NS (8 * NS_PER_MS)

int sock_set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == -1 ? -errno : 0;
}

/* One try; -1 with errno.  Two sockets with SO_REUSEADDR may both bind a port, but listen()
 * lets only one of them have it; SO_REUSEPORT before that would let in both. */
static int try_listen(const struct addr *at, int backlog, enum sock_sharing sharing)
{
	int fd = socket(at->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd == -1)
		return -1;
	if ((sharing == SOCK_ALONE || sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) == 0) &&
	    (sharing != SOCK_JOIN || sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) == 0) &&
	    (at->sa.sa_family != AF_INET6 ||
	     sock_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0) &&
	    bind(fd, &at->sa, at->len) == 0 && listen(fd, backlog) == 0 &&
	    (sharing != SOCK_FIRST || sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1) == 0))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Two programs that call listen() within the same microsecond may both be refused, so a
 * refusal is final only after some more tries, each at a moment of this process's own. */
static void wait_a_moment(void)
{
	const uint64_t mix = clock_ns() * 31 + (uint64_t)getpid() * 7919;
	const struct timespec pause = { .tv_nsec = (long)(mix % TRY_AGAIN_NS) };

	nanosleep(&pause, NULL);
}

int sock_listen(const struct addr *at, int backlog, enum sock_sharing sharing,
		struct err *err)
{
	char text[ADDR_TEXT];
	int r, fd = try_listen(at, backlog, sharing);

	for (int i = 0; i < TRIES_AGAIN && fd == -1 && errno == EADDRINUSE; i++) {
		wait_a_moment();
		fd = try_listen(at, backlog, sharing);
	}
	if (fd >= 0)
		return fd;
	r = err_sys(err, "cannot listen on %s", addr_print(at, text, sizeof(text)));
	if (r == -EADDRINUSE)
		port_holder_tell(at, err);
	return r;
}

static int set_tcp(int fd, int name, int value)
{
	return sock_set(fd, IPPROTO_TCP, name, value);
}

int sock_economize(int listener, const struct sock_economy *with, struct err *err)
{
	/* One second: a client that sends nothing is accepted after one SYN-ACK more. */
	if (with->defer_accept && set_tcp(listener, TCP_DEFER_ACCEPT, 1) < 0)
		return err_sys(err, "TCP_DEFER_ACCEPT");
	if (with->fastopen && set_tcp(listener, TCP_FASTOPEN, with->fastopen) < 0)
		return err_sys(err, "TCP_FASTOPEN");
	if (with->no_quickack && set_tcp(listener, TCP_QUICKACK, 0) < 0)
		return err_sys(err, "TCP_QUICKACK");
	return 0;
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

	if (fd == -1)
		return err_sys(err, "socket");
	if (sock_set(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, 0) < 0)
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

int sock_keepalive(int fd, int idle_s, int interval_s, int probes)
{
	int r = set_tcp(fd, TCP_KEEPIDLE, idle_s);

	if (r == 0)
		r = set_tcp(fd, TCP_KEEPINTVL, interval_s);
	if (r == 0)
		r = set_tcp(fd, TCP_KEEPCNT, probes);
	return r == 0 ? sock_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) : r;
}

int sock_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ? errno : error;
}

static int route_of(int fd, const struct addr *to, const struct addr *from,
		    struct addr *local)
{
	struct addr any_port;

	if (from) {
		any_port = *from;
		addr_set_port(&any_port, 0);
		if (bind(fd, &any_port.sa, any_port.len) == -1)
			return -errno;
	}
	if (connect(fd, &to->sa, to->len) == -1 ||
	    getsockname(fd, &local->sa, &local->len) == -1)
		return -errno;
	addr_set_port(local, 0);
	return 0;
}

int sock_route(const struct addr *to, const struct addr *from, struct addr *local)
{
	int r, fd = socket(to->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*local = (struct addr){ .len = sizeof(local->in6) };
	if (fd == -1)
		return -errno;
	r = route_of(fd, to, from, local);
	close(fd);
	return r;
}

int sock_timestamps(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return -errno;
	return (info.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0;
}
