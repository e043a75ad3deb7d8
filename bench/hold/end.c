#include "bench/hold/end.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

void hold_reset(int *fd)
{
	const struct linger reset = { 1, 0 };

	if (*fd == -1)
		return;
	setsockopt(*fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(*fd);
	*fd = -1;
}

void hold_end_done(struct hold_end *e)
{
	for (size_t i = 0; i < e->n_kept; i++)
		hold_reset(&e->kept[i]);
	free(e->kept);
	if (e->netns != -1)
		close(e->netns);
	*e = (struct hold_end){ .netns = -1 };
}

int hold_end_enter(const struct hold_end *e, struct err *err)
{
	if (setns(e->netns, CLONE_NEWNET) == 0)
		return 0;
	if (errno == EPERM)
		return err_support(err, "no right to enter the peer's network namespace "
					"(CAP_SYS_ADMIN there and here)");
	if (errno == EINVAL)
		return err_usage(err, "--peer-netns is not a network namespace");
	return err_sys(err, "enter the peer's network namespace");
}

int hold_end_sockets(const struct hold_end *e, int *fd, unsigned n, struct err *err)
{
	const int one = 1;

	for (unsigned i = 0; i < n; i++) {
		fd[i] = socket(e->address.sa.sa_family,
			       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd[i] == -1)
			return err_sys(err, "socket");
		if (setsockopt(fd[i], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1)
			return err_sys(err, "SO_REUSEADDR");
	}
	return 0;
}

int hold_end_bind(struct hold_end *e, int fd, struct addr *at, struct err *err)
{
	char text[ADDR_TEXT];

	for (unsigned tries = 0; tries < HOLD_PORTS; tries++) {
		addr_set_port(at, e->port);
		e->port =
			e->port == UINT16_MAX ? HOLD_PORT_FIRST : (uint16_t)(e->port + 1);
		if (bind(fd, &at->sa, at->len) == 0)
			return 0;
		if (errno != EADDRINUSE && errno != EACCES)
			return err_sys(err, "bind %s",
				       addr_print(at, text, sizeof(text)));
	}
	return err_run(err, "no port is left on %s",
		       addr_print_host(at, text, sizeof(text)));
}

int hold_end_reserve(struct hold_end *e, size_t n, struct err *err)
{
	e->kept = calloc(n + 1, sizeof(*e->kept));
	if (!e->kept)
		return err_sys(err, "%zu descriptors", n);
	e->room = n;
	return 0;
}

void hold_end_keep_fd(struct hold_end *e, int fd)
{
	assert(e->n_kept < e->room);
	e->kept[e->n_kept++] = fd;
}
