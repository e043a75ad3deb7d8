#include "common/ports/taken_ask.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/kernel/host.h"
#include "common/kernel/sock.h"

#ifndef TCP_FASTOPEN_NO_COOKIE
#define TCP_FASTOPEN_NO_COOKIE 34
#endif

static bool set(int fd, int level, int name, uint32_t value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/* TCP Fast Open without a cookie puts off the SYN until there is data to send: connect() finds a
 * port, and that is all.  To port 0 of the target: no socket has that remote end, so only a
 * bind() can be in the way. */
static int ask_connect(int fd, const struct taken_plan *p, uint16_t port)
{
	struct addr to = p->targets->at[0];

	if (!set(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, (uint32_t)port << 16 | port) ||
	    !set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1) ||
	    !set(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1))
		return -1;
	addr_set_port(&to, 0);
	if (connect(fd, &to.sa, to.len) == 0)
		return 0;
	return errno == EADDRNOTAVAIL ? 1 : -1;
}

static int ask_bind(int fd, const struct taken_plan *p, size_t source, uint16_t port)
{
	const struct addr *to = &p->targets->at[0];
	struct addr from = { .len = to->len };

	from.sa.sa_family = to->sa.sa_family;
	if (p->sources && p->sources->n)
		from = p->sources->at[source];
	addr_set_port(&from, port);
	if (!set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
		return -1;
	if (bind(fd, &from.sa, from.len) == 0)
		return 0;
	return errno == EADDRINUSE ? 1 : -1;
}

/* Where the kernel looks out for "black holes", it sends the SYN at once after one of them
 * (tcp_fastopen_active_should_disable()). */
bool taken_ask_sends_nothing(const struct taken_plan *p)
{
	return p->way != TAKEN_CONNECT ||
	       host_sysctl_int("/proc", "ipv4.tcp_fastopen_blackhole_timeout_sec", -1) ==
		       0;
}

int taken_ask(const struct taken_plan *p, size_t source, uint16_t port)
{
	int fd = socket(p->targets->at[0].sa.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int answer;

	if (fd == -1)
		return -1;
	answer = p->way == TAKEN_CONNECT ? ask_connect(fd, p, port)
					 : ask_bind(fd, p, source, port);
	close(fd);
	return answer;
}

bool taken_ask_route(const struct addr *target, struct addr *local)
{
	int fd = socket(target->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool known;

	*local = (struct addr){ .len = sizeof(local->in6) };
	known = fd != -1 && connect(fd, &target->sa, target->len) == 0 &&
		getsockname(fd, &local->sa, &local->len) == 0;
	if (fd != -1)
		close(fd);
	addr_set_port(local, 0);
	return known;
}
