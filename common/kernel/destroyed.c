#include "common/kernel/destroyed.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include "common/kernel/netlink.h"

#define ROOM      (4 << 20) /* for events; rmem_max may be less */
#define DATAGRAMS 20000     /* at a time */

static int join(struct mnl_socket *nl, int group, struct err *err)
{
	return mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) ==
			       -1
		       ? err_sys(err, "hear of destroyed sockets")
		       : 0;
}

int destroyed_open(struct destroyed *d, struct err *err)
{
	const int room = ROOM;
	int r = netlink_open(NETLINK_SOCK_DIAG, &d->nl, err);

	if (r < 0)
		return r;
	if (setsockopt(destroyed_fd(d), SOL_SOCKET, SO_RCVBUFFORCE, &room,
		       sizeof(room)) == -1)
		setsockopt(destroyed_fd(d), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	r = join(d->nl, SKNLGRP_INET_TCP_DESTROY, err);
	return r ? r : join(d->nl, SKNLGRP_INET6_TCP_DESTROY, err);
}

void destroyed_close(struct destroyed *d)
{
	if (d->nl)
		mnl_socket_close(d->nl);
	d->nl = NULL;
}

int destroyed_fd(const struct destroyed *d)
{
	return d->nl ? mnl_socket_get_fd(d->nl) : -1;
}

static void note_lost(struct destroyed *d)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	if (getsockopt(destroyed_fd(d), SOL_SOCKET, SO_MEMINFO, mem, &len) == 0)
		d->lost = mem[SK_MEMINFO_DROPS];
}

/* An event is a row of a dump that nobody asked for. */
int destroyed_read(struct destroyed *d, int (*row)(const struct sock_diag_row *, void *),
		   void *arg)
{
	_Alignas(struct nlmsghdr) char buf[8192];
	struct sock_diag_reading r = {
		.states = SOCK_DIAG_ALL_STATES, .details = true, .row = row, .arg = arg
	};
	struct err unused;

	for (int i = 0; i < DATAGRAMS && !r.stopped; i++) {
		ssize_t len = recv(destroyed_fd(d), buf, sizeof(buf), MSG_DONTWAIT);

		if (len == -1 && (errno == EINTR || errno == ENOBUFS))
			continue; /* some were lost */
		if (len <= 0)
			break;
		(void)sock_diag_read(&r, buf, (size_t)len, &unused);
	}
	note_lost(d);
	return r.stopped;
}
