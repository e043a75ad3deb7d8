#include "bench/observe/no_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "common/base/clock.h"
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

int no_port_open(struct no_port *p, struct err *err)
{
	const int room = ROOM;
	int r = netlink_open(NETLINK_SOCK_DIAG, &p->nl, err);

	if (r < 0)
		return r;
	if (setsockopt(no_port_fd(p), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ==
	    -1)
		setsockopt(no_port_fd(p), SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	r = join(p->nl, SKNLGRP_INET_TCP_DESTROY, err);
	return r ? r : join(p->nl, SKNLGRP_INET6_TCP_DESTROY, err);
}

void no_port_close(struct no_port *p)
{
	if (p->nl)
		mnl_socket_close(p->nl);
	p->nl = NULL;
}

int no_port_fd(const struct no_port *p)
{
	return p->nl ? mnl_socket_get_fd(p->nl) : -1;
}

/* ---- events */

static void note_peer(struct no_port *p, const struct endpoint *host)
{
	struct no_port_peer *peer = p->peer;

	while (peer < p->peer + p->n && endpoint_compare(&peer->host, host) != 0)
		peer++;
	if (host->family == AF_INET)
		p->found++;
	if (peer == p->peer + NO_PORT_ADDRESSES)
		return;
	if (peer == p->peer + p->n)
		p->n++;
	peer->host = *host;
	if (!peer->waiting++)
		peer->first_ns = clock_ns();
}

static void read_event(struct no_port *p, const struct nlmsghdr *nlh)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(nlh);
	struct endpoint host;

	if (nlh->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*m))
		return;
	p->events++;
	if (m->id.idiag_sport)
		return;
	host = endpoint_make(m->idiag_family, m->id.idiag_dst, 0);
	if (!endpoint_is_wildcard(&host))
		note_peer(p, &host);
}

static void note_lost(struct no_port *p)
{
	uint32_t mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	if (getsockopt(no_port_fd(p), SOL_SOCKET, SO_MEMINFO, mem, &len) == 0)
		p->lost = mem[SK_MEMINFO_DROPS];
}

void no_port_read(struct no_port *p)
{
	_Alignas(struct nlmsghdr) char buf[8192];
	ssize_t len;

	for (int i = 0; i < DATAGRAMS; i++) {
		const struct nlmsghdr *nlh;
		size_t left;

		len = recv(no_port_fd(p), buf, sizeof(buf), MSG_DONTWAIT);
		if (len == -1 && (errno == EINTR || errno == ENOBUFS))
			continue; /* some were lost */
		if (len <= 0)
			break;
		left = (size_t)len;
		for (nlh = netlink_first(buf, left); nlh;
		     nlh = netlink_first(buf + len - left, left)) {
			read_event(p, nlh);
			left = netlink_rest(nlh, left);
		}
	}
	note_lost(p);
}

/* ---- whose they were */

static bool is_full(const struct ends_row *row)
{
	return row->full.budget && tcp_states_total(&row->in_range) >= row->full.budget;
}

/* The only end at that address, or the only one whose ports are all in use; or NULL. */
static struct ends_row *end_of(struct ends *ends, const struct endpoint *host)
{
	struct ends_row *any = NULL, *full = NULL;
	unsigned n_any = 0, n_full = 0;

	for (size_t i = 0; i < ends->n; i++) {
		struct ends_row *row = &ends->at[i];

		if (row->key.kind != ENDS_TO || row->key.end.family != host->family ||
		    memcmp(row->key.end.host, host->host, sizeof(host->host)) != 0)
			continue;
		any = row;
		n_any++;
		if (is_full(row)) {
			full = row;
			n_full++;
		}
	}
	if (n_full == 1)
		return full;
	return n_any == 1 ? any : NULL;
}

static void settle_one(struct no_port *p, struct no_port_peer *peer, struct ends *ends)
{
	struct ends_row *row = end_of(ends, &peer->host);
	bool four = peer->host.family == AF_INET;

	if (row && (four || is_full(row))) {
		if (!row->no_port)
			row->no_port_ns = peer->first_ns;
		row->no_port += peer->waiting;
		fullness_no_port(&row->full, peer->first_ns);
		p->found += four ? 0 : peer->waiting;
	} else if (!four) {
		p->others += peer->waiting;
	} else {
		return;
	}
	peer->waiting = 0;
}

void no_port_settle(struct no_port *p, struct ends *ends)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->peer[i].waiting)
			settle_one(p, &p->peer[i], ends);
}

uint64_t no_port_unplaced(const struct no_port *p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += p->peer[i].waiting;
	return n;
}
