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

static int open_socket(const struct taken_plan *p)
{
	return socket(p->targets->at[0].sa.sa_family,
		      SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* TCP Fast Open without a cookie puts off the SYN until there is data to send: connect() finds a
 * port, and that is all. */
static bool open_for_connect(struct taken_asker *a, const struct taken_plan *p)
{
	if (a->fd == -1)
		a->fd = open_socket(p);
	return a->fd != -1 && set(a->fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1) &&
	       set(a->fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1);
}

/* To port 0 of the target: no socket has that remote end, so only a bind() can prevent it. 
 * One socket for all questions takes half of the time that a socket for each takes. */
static int ask_connect(struct taken_asker *a, const struct taken_plan *p, uint16_t port)
{
	static const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	struct addr to = p->targets->at[0];

	if (!open_for_connect(a, p) ||
	    !set(a->fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, (uint32_t)port << 16 | port))
		return -1;
	addr_set_port(&to, 0);
	if (connect(a->fd, &to.sa, to.len) == 0)
		return connect(a->fd, &nobody, sizeof(nobody)) == 0 ? 0 : -1;
	return errno == EADDRNOTAVAIL ? 1 : -1;
}

static int bind_to(int fd, const struct addr *from)
{
	if (!set(fd, SOL_SOCKET, SO_REUSEADDR, 1))
		return -1;
	if (bind(fd, &from->sa, from->len) == 0)
		return 0;
	return errno == EADDRINUSE ? 1 : -1;
}

static int ask_bind(const struct taken_plan *p, size_t source, uint16_t port)
{
	const struct addr *to = &p->targets->at[0];
	struct addr from = { .len = to->len };
	int answer, fd = open_socket(p);

	from.sa.sa_family = to->sa.sa_family;
	if (p->sources && p->sources->n)
		from = p->sources->at[source];
	addr_set_port(&from, port);
	answer = fd == -1 ? -1 : bind_to(fd, &from);
	if (fd != -1)
		close(fd);
	return answer;
}

/* Where the kernel looks out for "black holes", it sends the SYN at once after one of them
 * (tcp_fastopen_active_should_disable()). */
bool taken_ask_sends_nothing(const struct taken_plan *p)
{
	return p->way != TAKEN_CONNECT ||
	       host_sysctl_int("/proc", "ipv4.tcp_fastopen_blackhole_timeout_sec", -1) ==
		       0;
}

int taken_ask(struct taken_asker *a, const struct taken_plan *p, size_t source,
	      uint16_t port)
{
	return p->way == TAKEN_CONNECT ? ask_connect(a, p, port)
				       : ask_bind(p, source, port);
}

void taken_ask_done(struct taken_asker *a)
{
	if (a->fd != -1)
		close(a->fd);
	a->fd = -1;
}
