/* wire_probe - datagrams over a cable, and a timer beside them: what a cable of the lab does, measured by others than the cable.
 *
 *     wire_probe send ADDRESS N PER_S      sends N numbered datagrams to port 9, so many a second, each with its time
 *     wire_probe receive ADDRESS FILE      until SIGTERM; a line of FILE for each: its number, the us between the time in it
 *                                          and the kernel's own of its arrival; in FILE.full how many
 *                                          the socket had no room for
 *     wire_probe timer FILE                until SIGTERM: sleeps until each next ms; a line for each: the us that it was late
 *
 * N and the lines of a FILE are at most MAX. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "common/base/clock.h"

#define MAX  1000000
#define PORT 9

struct datagram {
	uint32_t nth;
	uint32_t unused;
	uint64_t sent_ns;
};

static struct {
	uint32_t nth;
	float us;
} seen[MAX];
static size_t n_seen;
static volatile sig_atomic_t over;

static void end(int sig)
{
	(void)sig;
	over = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void see(uint32_t nth, uint64_t from_ns, uint64_t to_ns)
{
	if (n_seen == MAX)
		return;
	seen[n_seen].nth = nth;
	seen[n_seen++].us = (float)((double)(int64_t)(to_ns - from_ns) / 1e3);
}

static void write_seen(const char *path)
{
	FILE *f = fopen(path, "w");

	for (size_t i = 0; f && i < n_seen; i++)
		fprintf(f, "%u %.1f\n", seen[i].nth, (double)seen[i].us);
	if (!f || fclose(f) != 0)
		die(path);
}

static struct sockaddr_storage address(const char *text, socklen_t *len)
{
	struct sockaddr_storage to = { 0 };
	struct sockaddr_in *four = (void *)&to;
	struct sockaddr_in6 *six = (void *)&to;

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(PORT);
		*len = sizeof(*four);
	} else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(PORT);
		*len = sizeof(*six);
	} else {
		die(text);
	}
	return to;
}

static int sleep_until(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / NS_PER_S),
				    .tv_nsec = (long)(ns % NS_PER_S) };

	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* The first datagram waits until the neighbour is known, and others can overtake it when it is. */
static void wait_until_sent(int fd)
{
	int left = 1;

	while (!over && ioctl(fd, SIOCOUTQ, &left) == 0 && left > 0)
		sleep_until(clock_ns() + NS_PER_MS);
}

static void send_all(const char *to_text, unsigned n, double per_s)
{
	socklen_t len;
	struct sockaddr_storage to = address(to_text, &len);
	int fd = socket(to.ss_family, SOCK_DGRAM, 0);
	uint64_t start_ns = clock_ns();

	if (fd == -1 || connect(fd, (void *)&to, len) == -1)
		die("connect");
	for (uint32_t i = 0; i < n && !over; i++) {
		struct datagram d = { .nth = i };

		sleep_until(start_ns + (uint64_t)(i / per_s * 1e9));
		d.sent_ns = clock_wall_ns();
		/* A peer that is not there yet has refused an earlier datagram. */
		if (send(fd, &d, sizeof(d), 0) == -1 && errno == ECONNREFUSED)
			send(fd, &d, sizeof(d), 0);
		if (i == 0) {
			wait_until_sent(fd);
			start_ns = clock_ns();
		}
	}
}

static uint64_t arrival_ns(struct msghdr *m)
{
	struct timespec t = { 0 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&t, CMSG_DATA(c), sizeof(t));
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void write_full(int fd, const char *path)
{
	uint32_t mem[SK_MEMINFO_VARS];
	socklen_t len = sizeof(mem);
	char name[4096];
	FILE *f;

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len) == -1)
		die("SO_MEMINFO");
	snprintf(name, sizeof(name), "%s.full", path);
	f = fopen(name, "w");
	if (!f || fprintf(f, "%u\n", mem[SK_MEMINFO_DROPS]) < 0 || fclose(f) != 0)
		die(name);
}

static void receive_all(const char *at_text, const char *path)
{
	socklen_t len;
	struct sockaddr_storage at = address(at_text, &len);
	int fd = socket(at.ss_family, SOCK_DGRAM, 0), on = 1, size = 8 << 20;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (fd == -1 || bind(fd, (void *)&at, len) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == -1)
		die("bind");
	printf("ready\n");
	fflush(stdout);
	while (!over) {
		struct datagram d;
		char control[CMSG_SPACE(sizeof(struct timespec))];
		struct iovec io = { &d, sizeof(d) };
		struct msghdr m = { .msg_iov = &io,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };

		if (recvmsg(fd, &m, 0) == sizeof(d))
			see(d.nth, d.sent_ns, arrival_ns(&m));
	}
	write_seen(path);
	write_full(fd, path);
}

static void time_all(const char *path)
{
	uint64_t at_ns = clock_ns();

	prctl(PR_SET_TIMERSLACK, 1);
	for (uint32_t i = 0; !over; i++) {
		at_ns += NS_PER_MS;
		if (sleep_until(at_ns) != 0)
			break;
		see(i, at_ns, clock_ns());
	}
	write_seen(path);
}

int main(int argc, char **argv)
{
	const struct sigaction act = { .sa_handler = end }; /* it interrupts a call */

	sigaction(SIGTERM, &act, NULL);
	if (argc == 5 && strcmp(argv[1], "send") == 0)
		send_all(argv[2], (unsigned)atoi(argv[3]), atof(argv[4]));
	else if (argc == 4 && strcmp(argv[1], "receive") == 0)
		receive_all(argv[2], argv[3]);
	else if (argc == 3 && strcmp(argv[1], "timer") == 0)
		time_all(argv[2]);
	else
		return 2;
	return 0;
}
