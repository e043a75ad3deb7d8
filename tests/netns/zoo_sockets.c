/* zoo_sockets [N] - makes N groups of sockets (default 3), each with one or more of every TCP
 * state, on 127.0.0.1, ::1 and v4-mapped addresses of this network namespace, prints "ready"
 * when all have settled, and holds them until a signal.  The states that the protocol
 * would leave at once are held by a packet filter on the socket itself, so neither
 * root nor packet loss is needed.  Ports: listeners on 5001 (IPv4) and 5002 (IPv6, and
 * IPv4-mapped); 5100 and up are only bound. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SETTLE_TRIES 500 /* of 10 ms */

struct pair {
	int client, server;
};

static void die(const char *what)
{
	fprintf(stderr, "zoo_sockets: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void attach(int fd, struct sock_filter *code, unsigned short n)
{
	const struct sock_fprog prog = { n, code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) == -1)
		die("SO_ATTACH_FILTER");
}

/* Nothing that arrives is taken. */
static void go_deaf(int fd)
{
	struct sock_filter drop_all[] = { { BPF_RET | BPF_K, 0, 0, 0 } };

	attach(fd, drop_all, 1);
}

static void hear_again(int fd)
{
	int none = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)) == -1)
		die("SO_DETACH_FILTER");
}

static int state_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		die("TCP_INFO");
	return info.tcpi_state;
}

static void wait_state(int fd, int state)
{
	for (int i = 0; i < SETTLE_TRIES; i++) {
		if (state_of(fd) == state)
			return;
		poll(NULL, 0, 10);
	}
	fprintf(stderr, "zoo_sockets: in state %d, not %d\n", state_of(fd), state);
	exit(1);
}

static struct sockaddr_in6 address(int family, const char *host, uint16_t port)
{
	struct sockaddr_in6 a = { .sin6_family = (sa_family_t)family,
				  .sin6_port = htons(port) };
	void *to = family == AF_INET ? (void *)&((struct sockaddr_in *)&a)->sin_addr
				     : (void *)&a.sin6_addr;

	if (inet_pton(family, host, to) != 1)
		die(host);
	return a;
}

static int make_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1)
		die("socket");
	return fd;
}

static int bound_socket(int family, const char *host, uint16_t port)
{
	struct sockaddr_in6 a = address(family, host, port);
	int fd = make_socket(family);

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		die("bind");
	return fd;
}

static int listener(int family, const char *host, uint16_t port)
{
	int fd = bound_socket(family, host, port);

	if (listen(fd, 1000) == -1)
		die("listen");
	return fd;
}

static int connecting(int fd, const char *host, uint16_t port, int family)
{
	struct sockaddr_in6 a = address(family, host, port);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1 && errno != EINPROGRESS)
		die("connect");
	return fd;
}

static struct pair connected(int lfd, const char *host, uint16_t port, int family)
{
	struct pollfd ready = { .fd = lfd, .events = POLLIN };
	struct pair p;

	p.client = connecting(make_socket(family), host, port, family);
	if (poll(&ready, 1, 5000) != 1)
		die("poll");
	p.server = accept(lfd, NULL, NULL);
	if (p.server == -1)
		die("accept");
	wait_state(p.client, TCP_ESTABLISHED);
	return p;
}

static void time_wait(int lfd, const char *host, uint16_t port, int family)
{
	struct pair p = connected(lfd, host, port, family);

	shutdown(p.client, SHUT_WR);
	wait_state(p.server, TCP_CLOSE_WAIT);
	close(p.server);
	close(p.client);
}

static void fin_wait2_and_close_wait(int lfd, int closed)
{
	struct pair p = connected(lfd, "127.0.0.1", 5001, AF_INET);

	shutdown(p.client, SHUT_WR);
	wait_state(p.client, TCP_FIN_WAIT2);
	if (closed) /* becomes a minisock, which sockstat calls tw */
		close(p.client);
}

static void fin_wait1(int lfd)
{
	struct pair p = connected(lfd, "127.0.0.1", 5001, AF_INET);

	go_deaf(p.server);
	shutdown(p.client, SHUT_WR);
	wait_state(p.client, TCP_FIN_WAIT1);
}

static void last_ack(int lfd)
{
	struct pair p = connected(lfd, "127.0.0.1", 5001, AF_INET);

	shutdown(p.client, SHUT_WR);
	wait_state(p.server, TCP_CLOSE_WAIT);
	go_deaf(p.server);
	shutdown(p.server, SHUT_WR);
	wait_state(p.server, TCP_LAST_ACK);
}

/* The deaf one learns of the other's FIN when that is sent again, after 0.2 s. */
static void closing(int lfd)
{
	struct pair p = connected(lfd, "127.0.0.1", 5001, AF_INET);

	go_deaf(p.client);
	go_deaf(p.server);
	shutdown(p.client, SHUT_WR);
	shutdown(p.server, SHUT_WR);
	hear_again(p.client);
	wait_state(p.client, TCP_CLOSING);
}

/* The client does not hear the SYN-ACK: SYN_SENT here, a request socket there. */
static void syn_sent_and_syn_recv(void)
{
	int fd = make_socket(AF_INET);

	go_deaf(fd);
	connecting(fd, "127.0.0.1", 5001, AF_INET);
	wait_state(fd, TCP_SYN_SENT);
}

static void make_group(int v4, int v6, int i)
{
	bound_socket(AF_INET, "127.0.0.1", (uint16_t)(5100 + i)); /* CLOSE */
	connected(v4, "127.0.0.1", 5001, AF_INET);
	connected(v6, "::1", 5002, AF_INET6);
	connected(v6, "127.0.0.1", 5002, AF_INET);
	connected(v4, "::ffff:127.0.0.1", 5001, AF_INET6);
	time_wait(v4, "127.0.0.1", 5001, AF_INET);
	time_wait(v6, "::1", 5002, AF_INET6);
	time_wait(v6, "127.0.0.1", 5002, AF_INET);
	fin_wait2_and_close_wait(v4, 0);
	fin_wait2_and_close_wait(v4, 1);
	fin_wait1(v4);
	last_ack(v4);
	closing(v4);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 3;
	int v4 = listener(AF_INET, "127.0.0.1", 5001),
	    v6 = listener(AF_INET6, "::", 5002);

	for (int i = 0; i < n; i++)
		make_group(v4, v6, i);
	for (int i = 0; i < n; i++)
		syn_sent_and_syn_recv(); /* last: they are given up after some seconds */
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
