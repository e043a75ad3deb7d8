#include "common/kernel/sock_diag_reply.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "common/kernel/netlink.h"

/* A v4-mapped socket is an IPv4 one to everybody who looks at addresses. */
static void set_addresses(struct sock_diag_row *row, const struct inet_diag_msg *m)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	row->family = m->idiag_family;
	row->local = (const unsigned char *)m->id.idiag_src;
	row->remote = (const unsigned char *)m->id.idiag_dst;
	if (row->family == AF_INET6 && memcmp(row->local, mapped, sizeof(mapped)) == 0) {
		row->family = AF_INET;
		row->local += sizeof(mapped);
		row->remote += sizeof(mapped);
	}
}

/* Hands one message to row(); a state nobody asked for is passed over. */
static int give_row(const struct nlmsghdr *nlh, const struct sock_diag_reading *r)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(nlh);
	struct sock_diag_row one;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*m))
		return 0;
	one.state = m->idiag_state;
	if (one.state == SOCK_DIAG_NEW_SYN_RECV)
		one.state = STATE_SYN_RECV;
	if (one.state >= TCP_STATE_MAX)
		return 0;
	if (!(r->states & (1u << one.state)) &&
	    !(r->states & SOCK_DIAG_BOUND && one.state == STATE_CLOSE))
		return 0;
	set_addresses(&one, m);
	one.local_port = ntohs(m->id.idiag_sport);
	one.remote_port = ntohs(m->id.idiag_dport);
	one.timer = m->idiag_timer;
	one.expires_ms = m->idiag_expires;
	one.inode = m->idiag_inode;
	return r->row ? r->row(&one, r->arg) : 0;
}

static int read_message(struct sock_diag_reading *r, const struct nlmsghdr *nlh,
			struct err *err)
{
	if (nlh->nlmsg_seq != r->seq || nlh->nlmsg_pid != r->portid)
		return 0;
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
		r->done = true;
		errno = netlink_errno(nlh);
		return errno ? err_sys(err, "sock_diag") : 0;
	}
	if (nlh->nlmsg_type == SOCK_DIAG_BY_FAMILY && !r->stopped)
		r->stopped = give_row(nlh, r);
	return 0;
}

/* NLM_F_DUMP_INTR needs no care: tcp_diag never sets it, and a dump of sockets
 * that come and go is no snapshot with or without it. */
int sock_diag_read(struct sock_diag_reading *r, const void *datagram, size_t len,
		   struct err *err)
{
	const char *at = datagram;
	size_t left = len, rest;
	int code = 0;

	while (left && code == 0 && !r->done) {
		const struct nlmsghdr *nlh = netlink_first(at, left);

		if (!nlh) {
			errno = EPROTO;
			return err_sys(err, "sock_diag reply");
		}
		code = read_message(r, nlh, err);
		rest = netlink_rest(nlh, left);
		at += left - rest;
		left = rest;
	}
	return code;
}
