/* floor - the least that a short connection costs on this kernel: a bare epoll client and a
 * bare epoll server, 1 byte each way, nothing counted but connections; and how late a bare
 * timer rings.  What twstorm does is measured against it.  MOST: so many connections, and no more.
 *
 *     floor server FIRST-LAST STRATEGY
 *     floor client FIRST-LAST STRATEGY CONCURRENCY SECONDS [MOST]   prints connections a second
 *     floor timer RATE SECONDS                            prints the lateness' p99 in us
 *
 * STRATEGY: client-fin, server-fin, client-rst; cheapest is client-fin by Fast Open and without
 * quick ACKs, which net.ipv4.tcp_fastopen has to allow.  127.0.0.1 only, the ports from FIRST to LAST
 * in turn: with several a fast client does not run into a range full of TIME_WAIT, where connect()
 * searches long; run both in a private network namespace.  The calls are the minimum: socket, connect, send, recv, close and one
 * epoll_ctl() on the client; accept4, recv, send, (recv,) close and one epoll_ctl() on the
 * server. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256
#define PORTS 64

enum strategy { CLIENT_FIN, SERVER_FIN, CLIENT_RST, STRATEGIES };

static struct sockaddr_in at[PORTS];
static unsigned n_at;
static enum strategy strategy;
static int ep, cheapest; /* client-fin by Fast Open, and without ACKs of their own */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) == -1)
		die("setsockopt");
}

static void watch(int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == -1)
		die("epoll_ctl");
}

/* ---- server ---- */

static void accept_all(int listener)
{
	char byte;

	for (int i = 0; i < 64; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd == -1)
			return;
		if (recv(fd, &byte, 1, 0) != 1) { /* not there yet */
			watch(fd);
			continue;
		}
		send(fd, &byte, 1, MSG_NOSIGNAL);
		if (strategy == SERVER_FIN)
			close(fd);
		else
			watch(fd);
	}
}

static void serve(int fd)
{
	char byte;

	if (recv(fd, &byte, 1, 0) == 1) {
		send(fd, &byte, 1, MSG_NOSIGNAL);
		if (strategy != SERVER_FIN)
			return;
	}
	close(fd);
}

static int open_listener(const struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (cheapest) {
		set(fd, IPPROTO_TCP, TCP_FASTOPEN, 4096);
		set(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
	}
	if (bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) == -1 ||
	    listen(fd, 65535) == -1)
		die("listen");
	watch(fd);
	return fd;
}

static void run_server(void)
{
	struct epoll_event events[BATCH];
	int last = -1; /* the listeners have the lowest descriptors */

	for (unsigned i = 0; i < n_at; i++)
		last = open_listener(&at[i]);
	printf("listening\n");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(ep, events, BATCH, -1);

		for (int i = 0; i < n; i++)
			if (events[i].data.fd <= last)
				accept_all(events[i].data.fd);
			else
				serve(events[i].data.fd);
	}
}

/* ---- client ---- */

/* The request goes in the SYN. */
static void open_fast(int fd, const struct sockaddr_in *to)
{
	set(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
	if (sendto(fd, "x", 1, MSG_NOSIGNAL | MSG_FASTOPEN, (const struct sockaddr *)to,
		   sizeof(*to)) != 1)
		die("sendto");
}

static void open_plain(int fd, const struct sockaddr_in *to)
{
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == -1 &&
	    errno != EINPROGRESS)
		die("connect");
	if (send(fd, "x", 1, MSG_NOSIGNAL) != 1) /* on one host the handshake is over */
		die("send");
}

static int launch(void)
{
	static unsigned turn;
	const struct sockaddr_in *to = &at[turn++ % n_at];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		die("socket");
	if (cheapest)
		open_fast(fd, to);
	else
		open_plain(fd, to);
	watch(fd);
	return fd;
}

/* True when the connection is over. */
static int finish(int fd)
{
	const struct linger reset = { 1, 0 };
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	if (n == 1 && strategy == SERVER_FIN && recv(fd, &byte, 1, 0) == -1)
		return 0; /* the FIN is still to come */
	if (n == -1)
		return 0;
	if (strategy == CLIENT_RST)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	return 1;
}

static int run_client(unsigned long concurrency, double seconds, unsigned long most)
{
	struct epoll_event events[BATCH];
	double begin = now_s(), end = begin + seconds;
	unsigned long done = 0, begun = 0;

	while (done < most && now_s() < end) {
		int n;

		for (int i = 0; i < BATCH && begun < most && begun - done < concurrency;
		     i++) {
			launch();
			begun++;
		}
		n = epoll_wait(ep, events, BATCH, 100);
		for (int i = 0; i < n; i++)
			done += (unsigned)finish(events[i].data.fd);
	}
	printf("%.0f\n", (double)done / (now_s() - begin));
	return 0;
}

/* ---- timer ---- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int run_timer(double rate, double seconds)
{
	size_t n = (size_t)(rate * seconds);
	double *late_us = calloc(n + 1, sizeof(*late_us)), begin = now_s();

	if (!late_us)
		die("calloc");
	prctl(PR_SET_TIMERSLACK, 1ul);
	for (size_t i = 0; i < n; i++) {
		double due = begin + (double)(i + 1) / rate;
		struct timespec at_due = { (time_t)due,
					   (long)((due - (double)(time_t)due) * 1e9) };

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at_due, NULL);
		late_us[i] = (now_s() - due) * 1e6;
	}
	qsort(late_us, n, sizeof(*late_us), by_size);
	printf("%.1f\n", late_us[n * 99 / 100]);
	free(late_us);
	return 0;
}

static void set_ports(const char *range)
{
	unsigned first, last;

	if (sscanf(range, "%u-%u", &first, &last) != 2 || last < first ||
	    last - first >= PORTS) {
		fprintf(stderr, "floor: %s is no range of up to %d ports\n", range,
			PORTS);
		exit(2);
	}
	for (n_at = 0; n_at <= last - first; n_at++)
		at[n_at] = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_port = htons((unsigned short)(first + n_at)),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};
}

int main(int argc, char **argv)
{
	static const char *const names[] = { "client-fin", "server-fin", "client-rst" };

	if (argc < 4)
		return fprintf(stderr, "usage: see the top of floor.c\n"), 2;
	if (strcmp(argv[1], "timer") == 0)
		return run_timer(atof(argv[2]), atof(argv[3]));
	set_ports(argv[2]);
	cheapest = strcmp(argv[3], "cheapest") == 0;
	while (!cheapest && strategy < STRATEGIES &&
	       strcmp(names[strategy], argv[3]) != 0)
		strategy++;
	if (strategy == STRATEGIES)
		return fprintf(stderr, "floor: no strategy %s\n", argv[3]), 2;
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (strcmp(argv[1], "server") == 0)
		run_server();
	return run_client(argc > 4 ? strtoul(argv[4], NULL, 10) : 64,
			  argc > 5 ? atof(argv[5]) : 3,
			  argc > 6 ? strtoul(argv[6], NULL, 10) : ULONG_MAX);
}
