/* stranger HEX | echo - a TCP server on a free port of 127.0.0.1 that does not speak its client's
 * protocol: it waits for something to be said and answers with those bytes, or with what it got;
 * then it reads until the client leaves.  No bytes: it closes.  Prints "listening on ADDR:PORT". */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/tools/listen_anywhere.h"

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
	listener = listen_anywhere("stranger");
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		answer(fd, strcmp(argv[1], "echo") == 0 ? NULL : text, n);
		close(fd);
	}
	return 1;
}
