#include "common/kernel/admin_addr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/kernel/addr_list.h"
#include "common/kernel/sock.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14 */
#endif
#define BACKLOG 64

/* ---- what was typed */

static int parse_addr(const char *text, bool port0, struct admin_addr *out,
		      struct err *err)
{
	struct addr_list list;
	int r = addr_parse_list(text, port0, &list, err);

	if (r < 0)
		return r;
	if (list.n != 1) {
		addr_list_done(&list);
		return err_usage(err, "it takes one ADDR:PORT");
	}
	out->at = list.at[0];
	out->in_network = true;
	addr_list_done(&list);
	addr_print(&out->at, out->text, sizeof(out->text));
	return 0;
}

static int parse_path(const char *path, struct admin_addr *out, struct err *err)
{
	out->kind = ADMIN_PATH;
	out->un.sun_family = AF_UNIX;
	if (!*path || strlen(path) >= sizeof(out->un.sun_path))
		return err_usage(err, "unix:PATH needs a path of 1 to %zu bytes",
				 sizeof(out->un.sun_path) - 1);
	strcpy(out->un.sun_path, path);
	return 0;
}

static int option_of(int fd, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

/* Where a TCP socket is; false of any other. */
static bool tcp_address(int fd, struct addr *out)
{
	return sock_local(fd, out, NULL) == 0 &&
	       (out->sa.sa_family == AF_INET || out->sa.sa_family == AF_INET6);
}

/* A socket keeps the network namespace it was made in.  true where the kernel does not tell. */
static bool is_made_here(int fd)
{
	int own = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t its = 0, here = 0;
	socklen_t len = sizeof(its);

	getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &its, &len);
	getsockopt(own, SOL_SOCKET, SO_NETNS_COOKIE, &here, &len);
	if (own != -1)
		close(own);
	return its == here;
}

static int parse_fd(const char *number, bool listens, struct admin_addr *out,
		    struct err *err)
{
	char *end;
	unsigned long fd = strtoul(number, &end, 10);

	out->kind = ADMIN_FD;
	out->fd = (int)fd;
	if (number[0] < '0' || number[0] > '9' || *end || fd > INT32_MAX)
		return err_usage(err, "'fd:%s' is no number of a descriptor", number);
	if (option_of(out->fd, SO_TYPE) != SOCK_STREAM ||
	    option_of(out->fd, SO_ACCEPTCONN) != listens)
		return err_usage(err, "descriptor %s is no %s stream socket", number,
				 listens ? "listening" : "connected");
	if (!tcp_address(out->fd, &out->at))
		out->at.len = 0;
	out->in_network = out->at.len && is_made_here(out->fd);
	if (out->at.len && listens)
		addr_print(&out->at, out->text, sizeof(out->text));
	return 0;
}

int admin_addr_parse(const char *text, bool listens, struct admin_addr *out,
		     struct err *err)
{
	*out = (struct admin_addr){ .kind = ADMIN_TCP, .fd = -1 };
	snprintf(out->text, sizeof(out->text), "%s", text);
	if (strncmp(text, "unix:", 5) == 0)
		return parse_path(text + 5, out, err);
	if (strncmp(text, "fd:", 3) == 0)
		return parse_fd(text + 3, listens, out, err);
	return parse_addr(text, listens, out, err);
}

/* ---- listening */

static int bind_path(int fd, const struct sockaddr_un *un)
{
	return bind(fd, (const struct sockaddr *)un, sizeof(*un));
}

/* A server that was killed has left it. */
static bool is_forsaken(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;
	bool refused;

	if (fd == -1)
		return false;
	r = connect(fd, (const struct sockaddr *)un, sizeof(*un));
	refused = r == -1 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int listen_at_path(const struct sockaddr_un *un, struct err *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int bound = fd == -1 ? -1 : bind_path(fd, un), r;

	if (fd != -1 && bound == -1 && errno == EADDRINUSE && is_forsaken(un)) {
		unlink(un->sun_path);
		bound = bind_path(fd, un);
	}
	if (bound == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	r = err_sys(err, "cannot listen on unix:%s", un->sun_path);
	if (fd != -1)
		close(fd);
	return r;
}

/* It may be another program's as well, so its modes are for good. */
static int make_ready(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -errno;
	return fd;
}

int admin_addr_listen(struct admin_addr *d, struct err *err)
{
	int fd = -1, r;

	switch (d->kind) {
	case ADMIN_PATH:
		return listen_at_path(&d->un, err);
	case ADMIN_FD:
		fd = d->fd;
		d->fd = -1;
		r = make_ready(fd);
		return r < 0 ? err_run(err, "descriptor %d: %s", fd, strerror(-r)) : fd;
	default:
		fd = sock_listen(&d->at, BACKLOG, SOCK_FIRST, err);
		r = fd < 0 ? fd : sock_local(fd, &d->at, err);
		if (r < 0 && fd >= 0)
			close(fd);
		addr_print(&d->at, d->text, sizeof(d->text));
		return r < 0 ? r : fd;
	}
}

void admin_addr_leave(const struct admin_addr *d)
{
	if (d->kind == ADMIN_PATH)
		unlink(d->un.sun_path);
}

bool admin_addr_is_private(const struct admin_addr *d)
{
	return d->at.len == 0 || addr_is_loopback(&d->at);
}

/* ---- asking */

static int connect_to(const struct sockaddr *to, socklen_t len)
{
	int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;

	if (fd == -1)
		return -errno;
	if (connect(fd, to, len) == 0 || errno == EINPROGRESS)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int admin_addr_connect(struct admin_addr *d)
{
	int fd = d->fd;

	if (d->kind == ADMIN_TCP)
		return connect_to(&d->at.sa, d->at.len);
	if (d->kind == ADMIN_PATH)
		return connect_to((const struct sockaddr *)&d->un, sizeof(d->un));
	d->fd = -1;
	return fd == -1 ? -ENOTCONN : make_ready(fd);
}
