/* stranger HEX | echo - a TCP server on a free port of 127.0.0.1 that does not speak its client's
 * protocol: it waits for something to be said and answers with those bytes, or with what it got;
 * then it reads until the client leaves.  No bytes: it closes.  Prints "listening on ADDR:PORT". */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(int fd, const unsigned char *text, size_t n)
{
	unsigned char got[4096];
	ssize_t heard = recv(fd, got, sizeof(got), 0);

	if (heard <= 0)
		return;
	if (text)
		send(fd, text, n, MSG_NOSIGNAL);
	else
		send(fd, got, (size_t)heard, MSG_NOSIGNAL);
	while ((!text || n > 0) && recv(fd, got, sizeof(got), 0) > 0)
		;
}

static int listen_anywhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&at, len) == -1 ||
	    listen(fd, 64) == -1 || getsockname(fd, (struct sockaddr *)&at, &len) == -1) {
		perror("stranger");
		exit(1);
	}
	printf("listening on 127.0.0.1:%u\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	unsigned char text[256];
	size_t n = 0;
	int fd, listener;

	if (argc != 2 || strlen(argv[1]) > 2 * sizeof(text)) {
		fprintf(stderr, "usage: stranger HEX | echo\n");
		return 2;
	}
	for (const char *hex = argv[1]; sscanf(hex, "%2hhx", &text[n]) == 1; hex += 2)
		if (++n == sizeof(text))
			break;
	signal(SIGPIPE, SIG_IGN);
	listener = listen_anywhere();
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		answer(fd, strcmp(argv[1], "echo") == 0 ? NULL : text, n);
		close(fd);
	}
	return 1;
}
