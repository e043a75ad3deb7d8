/* sampling_cost N ROUNDS - makes N sockets in TIME_WAIT in this network namespace, which must be
 * one of its own, and prints what counting them costs our sampler: medians in ms of CPU time.
 *
 *     sockstat 0.010        the O(1) total
 *     dump 146.0            everything, by sock_diag
 *     live 40.0             everything but TIME_WAIT
 *     sockets 500000        how many there are at the end
 *
 * bench/rivals/sampling.sh adds what others need for it; the sockets stay for a minute. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/kernel/proc_net.h"
#include "common/kernel/sock.h"
#include "common/kernel/sock_diag.h"

#define LO       1024
#define HI       65535
#define PER_PORT 60000 /* connections to one target */
#define THREADS  2
#define ROUNDS   99

static struct sock_diag *diag;
static struct proc_net_files files;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void set_sysctl(const char *name, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	f = fopen(path, "w");
	if (!f || fputs(value, f) < 0 || fclose(f) != 0)
		die(path);
}

/* Ports below the range: no connection has one of them. */
static struct sockaddr_in target(unsigned nth)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)(nth + 1)),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int listen_on(const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || bind(fd, (const struct sockaddr *)at, sizeof(*at)) == -1 ||
	    listen(fd, 64) == -1)
		die("listen");
	return fd;
}

/* The client closes first, so TIME_WAIT is its. */
static void connect_and_close(int listener, const struct sockaddr_in *to)
{
	const uint32_t range = LO | (uint32_t)HI << 16; /* no odd/even search */
	int c = socket(AF_INET, SOCK_STREAM, 0), s;

	setsockopt(c, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range));
	if (connect(c, (const struct sockaddr *)to, sizeof(*to)) == -1)
		die("connect");
	s = accept(listener, NULL, NULL);
	close(c);
	close(s);
}

struct share {
	unsigned nth;
	unsigned long n; /* of all sockets */
};

static void *make_share(void *arg)
{
	const struct share *share = arg;

	for (unsigned long port = share->nth; port * PER_PORT < share->n;
	     port += THREADS) {
		struct sockaddr_in to = target((unsigned)port);
		unsigned long left = share->n - port * PER_PORT;
		int listener = listen_on(&to);

		for (left = left > PER_PORT ? PER_PORT : left; left > 0; left--)
			connect_and_close(listener, &to);
		close(listener);
	}
	return NULL;
}

static void make_sockets(unsigned long n)
{
	struct share share[THREADS];
	pthread_t thread[THREADS];

	for (unsigned i = 0; i < THREADS; i++) {
		share[i] = (struct share){ i, n };
		if (pthread_create(&thread[i], NULL, make_share, &share[i]) != 0)
			die("thread");
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

static void read_sockstat(void)
{
	struct sockstat s;

	proc_net_read_sockstat(&files, &s);
}

static int one_more(const struct sock_diag_row *row, void *arg)
{
	*(unsigned long *)arg += row->state != 0;
	return 0;
}

static void dump(uint32_t states)
{
	const struct sock_diag_query q = { .states = states };
	unsigned long n = 0;
	struct err err;

	if (sock_diag_dump(diag, &q, one_more, &n, &err) < 0)
		die("sock_diag");
}

static void dump_all(void)
{
	dump(SOCK_DIAG_ALL_STATES);
}

static void dump_live(void)
{
	dump(SOCK_DIAG_ALL_STATES & ~(1u << STATE_TIME_WAIT));
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void measure(const char *what, void (*count)(void), unsigned rounds)
{
	uint64_t cost[ROUNDS];

	for (unsigned i = 0; i < rounds; i++) {
		uint64_t before = clock_thread_cpu_ns();

		count();
		cost[i] = clock_thread_cpu_ns() - before;
	}
	qsort(cost, rounds, sizeof(cost[0]), by_size);
	printf("%s %.3f\n", what, (double)cost[rounds / 2] / NS_PER_MS);
}

int main(int argc, char **argv)
{
	unsigned long n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned rounds = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	struct sockstat s;
	struct err err;

	if (n == 0 || rounds < 1 || rounds > ROUNDS) {
		fprintf(stderr, "sampling_cost N ROUNDS, up to %d\n", ROUNDS);
		return 2;
	}
	set_sysctl("tcp_max_tw_buckets", "4000000");
	set_sysctl("ip_local_port_range", "1024 65535");
	set_sysctl("tcp_tw_reuse", "0");
	if (sock_diag_open(&diag, &err) < 0 || proc_net_open(PROC_ROOT, &files, &err) < 0)
		die("sampling_cost");
	make_sockets(n);
	measure("sockstat", read_sockstat, rounds);
	measure("dump", dump_all, rounds);
	measure("live", dump_live, rounds);
	proc_net_read_sockstat(&files, &s);
	printf("sockets %llu\n", (unsigned long long)s.tw);
	return 0;
}
