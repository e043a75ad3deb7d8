#include "common/base/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/utf8.h"

#define VARIABLE "TWSTORM_RELAY" /* "FD ABOUT" */
/* The least that the kernel gives: a few documents are on their way at most. */
#define ROOM 1

int relay_open(int ends[2], struct err *err)
{
	const int room = ROOM;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == -1)
		return err_sys(err, "socketpair");
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return 0;
}

void relay_bequeath(int fd, const char *about)
{
	char text[256];

	snprintf(text, sizeof(text), "%d %s", fd, about);
	if (fcntl(fd, F_SETFD, 0) == 0)
		setenv(VARIABLE, text, 1);
}

int relay_inherited(const char **about)
{
	const char *text = getenv(VARIABLE);
	int type = 0;
	socklen_t len = sizeof(type);
	char *rest;
	long fd;

	if (!text)
		return -1;
	fd = strtol(text, &rest, 10);
	if (rest == text || *rest != ' ' ||
	    getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1 ||
	    type != SOCK_SEQPACKET || fcntl((int)fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	*about = rest + 1;
	return (int)fd;
}

/* ---- messages: one byte, and a descriptor */

union control {
	struct cmsghdr head; /* for its alignment */
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void send_file(int to, int file, bool wait)
{
	union control control = { 0 };
	char byte = 0;
	struct iovec one = { &byte, 1 };
	struct msghdr m = { .msg_iov = &one,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &file, sizeof(file));
	while (sendmsg(to, &m, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT)) == -1 &&
	       errno == EINTR)
		;
}

/* The descriptor of the next message, owned by the caller; -1 = there is none. */
static int receive_file(int from, bool *over)
{
	union control control;
	char byte;
	struct iovec one = { &byte, 1 };
	struct msghdr m = { .msg_iov = &one,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int file = -1;
	ssize_t n;

	do
		n = recvmsg(from, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	*over = n == 0;
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&file, CMSG_DATA(c), sizeof(file));
	return file;
}

/* ---- documents */

void relay_send(int fd, const char *about, const char *key, json_t *stolen, bool wait)
{
	json_t *doc = json_pack("{s:o, s:o}", "about", utf8_json(about), key, stolen);
	char *text = json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(9));
	int file = text ? memfd_create("twstorm-relay", MFD_CLOEXEC) : -1;

	if (file != -1 && write(file, text, strlen(text)) == (ssize_t)strlen(text))
		send_file(fd, file, wait);
	if (file != -1)
		close(file);
	free(text);
	json_decref(doc);
}

json_t *relay_next(int fd, bool *over)
{
	int file = receive_file(fd, over);
	json_t *doc = file == -1 ? NULL : file_json(file);

	if (file != -1)
		close(file);
	return doc;
}
