/* tls_flood - a client of TLS 1.3 that sends nothing but key updates.
 *
 *     tls_flood PORT PID     on 127.0.0.1; PID, the server, is stopped until all of them are in its socket.  0 = it ended the connection. */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define UPDATES 20000

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static SSL *connect_to(const char *port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
					.sin_port = htons((uint16_t)atoi(port)),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL *ssl = SSL_new(SSL_CTX_new(TLS_client_method()));

	if (!ssl || connect(fd, (const struct sockaddr *)&at, sizeof(at)) == -1 ||
	    SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1)
		die("no connection");
	return ssl;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	SSL *ssl;
	double begun;
	int server;

	if (argc != 3) {
		fprintf(stderr, "usage: tls_flood PORT PID\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	ssl = connect_to(argv[1]);
	server = atoi(argv[2]);
	kill(server, SIGSTOP);
	for (int i = 0; i < UPDATES; i++)
		if (SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
		    SSL_do_handshake(ssl) != 1)
			die("a key update");
	kill(server, SIGCONT);
	begun = now_s();
	if (poll(&(struct pollfd){ SSL_get_fd(ssl), POLLIN, 0 }, 1, 30000) != 1)
		return 1;
	printf("%d key updates: ended after %.3f s\n", UPDATES, now_s() - begun);
	return 0;
}
