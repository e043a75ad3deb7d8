/* listen_anywhere - a listener on a free port of 127.0.0.1 for a made-up server; prints "listening on
 * ADDR:PORT".  Ends the program where there can be none. */
#ifndef TWSTORM_TESTS_TOOLS_LISTEN_ANYWHERE_H
#define TWSTORM_TESTS_TOOLS_LISTEN_ANYWHERE_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static inline int listen_anywhere(const char *program)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&at, len) == -1 ||
	    listen(fd, 64) == -1 || getsockname(fd, (struct sockaddr *)&at, &len) == -1) {
		perror(program);
		exit(1);
	}
	printf("listening on 127.0.0.1:%u\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

#endif
