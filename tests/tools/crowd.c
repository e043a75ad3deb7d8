/* crowd N client|server TARGET PORTS [A.B SOURCES] - N connections one after the other, both ends here, to 9000 and PORTS - 1 more
 * ports of TARGET, closed at once, first by that end; from SOURCES addresses of A.B.0.0 in turn, or from the kernel's choice.
 * Says "made", and stays, since whoever listens is the server. */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_PORT 9000
#define MOST_PORTS 100

struct target {
	struct sockaddr_in at;
	int fd;
};

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		err(1, "socket");
	return fd;
}

static void listen_at(struct target *t, const char *host, uint16_t port)
{
	t->at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	if (inet_pton(AF_INET, host, &t->at.sin_addr) != 1)
		errx(2, "no address: %s", host);
	t->fd = open_socket();
	if (bind(t->fd, (void *)&t->at, sizeof(t->at)) == -1 || listen(t->fd, 8) == -1)
		err(1, "%s:%u", host, port);
}

/* The port is chosen by connect(), so that each source address has all of them. */
static void bind_source(int fd, in_addr_t source)
{
	const struct sockaddr_in from = { .sin_family = AF_INET,
					  .sin_addr.s_addr = source };
	const int on = 1;

	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) == -1 ||
	    bind(fd, (const void *)&from, sizeof(from)) == -1)
		err(1, "bind");
}

static void make_one(const struct target *t, in_addr_t source, bool server_first)
{
	int client = open_socket(), server;

	if (source)
		bind_source(client, source);
	if (connect(client, (const void *)&t->at, sizeof(t->at)) == -1)
		err(1, "connect");
	server = accept(t->fd, NULL, NULL);
	if (server == -1)
		err(1, "accept");
	close(server_first ? server : client);
	close(server_first ? client : server);
}

int main(int argc, char **argv)
{
	struct target target[MOST_PORTS];
	unsigned n, ports, sources, a = 0, b = 0;
	bool server_first;

	if (argc < 5)
		errx(2, "N client|server TARGET PORTS [A.B SOURCES]");
	n = (unsigned)atoi(argv[1]);
	server_first = strcmp(argv[2], "server") == 0;
	ports = (unsigned)atoi(argv[4]);
	sources = argc > 6 ? (unsigned)atoi(argv[6]) : 0;
	if (!ports || ports > MOST_PORTS ||
	    (sources && sscanf(argv[5], "%u.%u", &a, &b) != 2))
		errx(2, "PORTS is 1 to %d, A.B like 198.18", MOST_PORTS);
	for (unsigned i = 0; i < ports; i++)
		listen_at(&target[i], argv[3], (uint16_t)(FIRST_PORT + i));
	for (unsigned i = 0; i < n; i++)
		make_one(&target[i % ports],
			 sources ? htonl(a << 24 | b << 16 | i % sources) : 0,
			 server_first);
	puts("made");
	fflush(stdout);
	pause();
	return 0;
}
