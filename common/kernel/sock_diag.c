#include "common/kernel/sock_diag.h"

#include <assert.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "common/kernel/netlink.h"

/* The kernel sends at most 32 KiB a message: docs/kernel-facts.md#dump. */
#define BUFFER_SIZE   65536
#define NEW_SYN_RECV  12 /* request sockets; the dump itself calls them SYN_RECV */
#define OPS_PER_RANGE 5  /* two comparisons of two ops each, and a jump */
#define CGROUP_ID     21 /* INET_DIAG_CGROUP_ID, in headers since 5.8 */

struct sock_diag {
	struct mnl_socket *nl; /* owned */
	unsigned seq, portid;
	bool apart; /* the kernel does not dump both families in one walk */
	_Alignas(struct nlmsghdr) char buf[BUFFER_SIZE];
};

/* Bytecode of one query: an OR of port ranges. */
struct code {
	struct inet_diag_bc_op op[2 * SOCK_DIAG_RANGES * OPS_PER_RANGE];
	unsigned n;
};

/* Compares a port; the operand sits in the `no` of the op after.  `fail` is how many bytes
 * ahead the program goes on when the comparison is false. */
static void emit_compare(struct code *c, uint8_t op, uint16_t port, uint16_t fail)
{
	c->op[c->n++] = (struct inet_diag_bc_op){ op, 2 * sizeof(c->op[0]), fail };
	c->op[c->n++] = (struct inet_diag_bc_op){ .no = port };
}

/* "if lo <= port <= hi: accept".  `left` ranges come after this one: a failed comparison goes
 * on to the next, or, after the last, 4 bytes past the end, which is the kernel's "reject".
 * The end itself is "accept" (inet_diag_bc_run()).  The last range needs no jump, so both
 * ways on from a failure are equally far. */
static void emit_range(struct code *c, uint8_t ge, uint8_t le, const struct port_range *r,
		       unsigned left)
{
	const uint16_t op = sizeof(c->op[0]), whole = OPS_PER_RANGE * op;

	emit_compare(c, ge, r->lo, whole);
	emit_compare(c, le, r->hi, whole - 2 * op);
	if (left)
		c->op[c->n++] = (struct inet_diag_bc_op){ INET_DIAG_BC_JMP, op,
							  (uint16_t)(left * whole) };
}

static void compile(const struct sock_diag_query *q, struct code *c)
{
	unsigned left = q->n_local + q->n_remote;

	c->n = 0;
	for (unsigned i = 0; i < q->n_local; i++)
		emit_range(c, INET_DIAG_BC_S_GE, INET_DIAG_BC_S_LE, &q->local[i], --left);
	for (unsigned i = 0; i < q->n_remote; i++)
		emit_range(c, INET_DIAG_BC_D_GE, INET_DIAG_BC_D_LE, &q->remote[i],
			   --left);
}

int sock_diag_open(struct sock_diag **out, struct err *err)
{
	const struct sock_diag_query listeners = { .states = 1u << STATE_LISTEN };
	struct sock_diag *d = calloc(1, sizeof(*d));
	int r;

	*out = NULL;
	if (!d)
		return err_sys(err, "sock_diag");
	r = netlink_open(NETLINK_SOCK_DIAG, &d->nl, err);
	if (r < 0)
		goto fail;
	d->portid = mnl_socket_get_portid(d->nl);
	/* Only a question shows whether there is an inet_diag: the cheapest, ~20 us. */
	d->apart = sock_diag_dump(d, &listeners, NULL, NULL, NULL) < 0;
	if (d->apart)
		r = sock_diag_dump(d, &listeners, NULL, NULL, err);
	if (r < 0)
		goto fail;
	*out = d;
	return 0;
fail:
	sock_diag_close(d);
	if (err)
		err->exit = EXIT_NO_SUPPORT;
	return r;
}

void sock_diag_close(struct sock_diag *d)
{
	if (!d)
		return;
	if (d->nl)
		mnl_socket_close(d->nl);
	free(d);
}

/* Room for a request of that type, cleared. */
static void *begin_request(struct sock_diag *d, uint16_t type, uint16_t flags,
			   size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(d->buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++d->seq;
	return mnl_nlmsg_put_extra_header(nlh, size);
}

static struct inet_diag_req_v2 *begin_family(struct sock_diag *d, uint16_t flags,
					     int family)
{
	struct inet_diag_req_v2 *req =
		begin_request(d, SOCK_DIAG_BY_FAMILY, flags, sizeof(*req));

	req->sdiag_family = (uint8_t)family;
	req->sdiag_protocol = IPPROTO_TCP;
	return req;
}

static int send_begun(struct sock_diag *d, struct err *err)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)d->buf;
	ssize_t sent;

	do
		sent = mnl_socket_sendto(d->nl, nlh, nlh->nlmsg_len);
	while (sent == -1 && errno == EINTR);
	return sent == -1 ? err_sys(err, "sock_diag request") : 0;
}

/* Of both families the older request asks, which the kernel answers in one walk. */
static void begin_dump(struct sock_diag *d, int family, uint8_t ext, uint32_t states)
{
	struct inet_diag_req_v2 *one;
	struct inet_diag_req *both;

	if (family == AF_UNSPEC) {
		both = begin_request(d, TCPDIAG_GETSOCK, NLM_F_DUMP, sizeof(*both));
		both->idiag_ext = ext;
		both->idiag_states = states;
		return;
	}
	one = begin_family(d, NLM_F_DUMP, family);
	one->idiag_ext = ext;
	one->idiag_states = states;
}

static int send_request(struct sock_diag *d, const struct sock_diag_query *q, int family,
			struct err *err)
{
	uint32_t requests = q->states & 1u << STATE_SYN_RECV ? 1u << NEW_SYN_RECV : 0;
	struct code code;

	begin_dump(d, family, q->details ? 1u << (INET_DIAG_INFO - 1) : 0,
		   q->states | requests);
	compile(q, &code);
	if (code.n)
		mnl_attr_put((struct nlmsghdr *)d->buf, INET_DIAG_REQ_BYTECODE,
			     code.n * sizeof(code.op[0]), code.op);
	return send_begun(d, err);
}

/* ---- the kernel's answer */

/* A v4-mapped socket is an IPv4 one to everybody who looks at addresses. */
static void set_addresses(struct sock_diag_row *row, const struct inet_diag_msg *m)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	row->family = m->idiag_family;
	row->is_six = row->family == AF_INET6;
	row->local = (const unsigned char *)m->id.idiag_src;
	row->remote = (const unsigned char *)m->id.idiag_dst;
	if (row->family == AF_INET6 &&
	    (memcmp(row->local, mapped, sizeof(mapped)) == 0 ||
	     memcmp(row->remote, mapped, sizeof(mapped)) == 0)) {
		row->family = AF_INET;
		row->local += sizeof(mapped);
		row->remote += sizeof(mapped);
	}
}

/* Of an older kernel the end is missing, and is 0. */
static void set_info(struct sock_diag_info *to, const struct nlattr *attr)
{
	struct tcp_info info = { 0 };
	size_t len = mnl_attr_get_payload_len(attr);

	memcpy(&info, mnl_attr_get_payload(attr),
	       len < sizeof(info) ? len : sizeof(info));
	*to = (struct sock_diag_info){
		.there = len >= offsetof(struct tcp_info, tcpi_dsack_dups),
		.timestamps = info.tcpi_options & TCPI_OPT_TIMESTAMPS,
		.retransmits = info.tcpi_retransmits,
		.last_ack_recv_ms = info.tcpi_last_ack_recv,
		.min_rtt_us = info.tcpi_min_rtt,
		.segs_in = info.tcpi_segs_in,
		.data_segs_in = info.tcpi_data_segs_in,
		.data_segs_out = info.tcpi_data_segs_out,
		.bytes_acked = info.tcpi_bytes_acked,
		.bytes_sent = info.tcpi_bytes_sent,
		.bytes_retrans = info.tcpi_bytes_retrans,
	};
}

static void set_details(struct sock_diag_row *row, const struct nlmsghdr *nlh)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const void *attrs =
		mnl_nlmsg_get_payload_offset(nlh, sizeof(struct inet_diag_msg));
	const struct nlattr *attr;

	/* mnl_attr_for_each() reads the padding of the last message, which need not be there. */
	mnl_attr_for_each_payload(attrs, (size_t)(end - (const char *)attrs))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == INET_DIAG_INFO)
			set_info(&row->info, attr);
		else if (type == CGROUP_ID && mnl_attr_get_payload_len(attr) == 8)
			memcpy(&row->cgroup, mnl_attr_get_payload(attr), 8);
	}
}

/* Hands one message to row(); a state nobody asked for is passed over. */
static int give_row(const struct nlmsghdr *nlh, const struct sock_diag_reading *r)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(nlh);
	struct sock_diag_row one = { 0 };

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(*m))
		return 0;
	one.state = m->idiag_state;
	if (one.state == NEW_SYN_RECV)
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
	one.recv_q = m->idiag_rqueue;
	one.send_q = m->idiag_wqueue;
	one.uid = m->idiag_uid;
	one.cookie = (uint64_t)m->id.idiag_cookie[1] << 32 | m->id.idiag_cookie[0];
	if (r->details)
		set_details(&one, nlh);
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
	if ((nlh->nlmsg_type == SOCK_DIAG_BY_FAMILY ||
	     nlh->nlmsg_type == TCPDIAG_GETSOCK) &&
	    !r->stopped)
		r->stopped = give_row(nlh, r);
	return 0;
}

/* NLM_F_DUMP_INTR needs no care: tcp_diag never sets it (docs/kernel-facts.md#dump), and a dump of
 * sockets that come and go is no snapshot with or without it. */
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

/* ---- a dump */

static int dump_family(struct sock_diag *d, int family, const struct sock_diag_query *q,
		       struct sock_diag_reading *r, struct err *err)
{
	int code = send_request(d, q, family, err);
	ssize_t len;

	r->seq = d->seq;
	r->portid = d->portid;
	r->done = false;
	while (code == 0 && !r->done) {
		len = netlink_receive(d->nl, d->buf, sizeof(d->buf), err);
		code = len < 0 ? (int)len : sock_diag_read(r, d->buf, (size_t)len, err);
	}
	return code;
}

int sock_diag_dump(struct sock_diag *d, const struct sock_diag_query *q,
		   int (*row)(const struct sock_diag_row *, void *), void *arg,
		   struct err *err)
{
	struct sock_diag_reading r = {
		.states = q->states, .details = q->details, .row = row, .arg = arg
	};
	int code;

	assert(q->n_local <= SOCK_DIAG_RANGES && q->n_remote <= SOCK_DIAG_RANGES);
	code = dump_family(d, d->apart ? AF_INET : AF_UNSPEC, q, &r, err);
	if (code == 0 && !r.stopped && d->apart)
		code = dump_family(d, AF_INET6, q, &r, err);
	return code < 0 ? code : r.stopped;
}

/* ---- one socket */

int sock_diag_find(struct sock_diag *d, const struct sock_diag_row *ends,
		   int (*row)(const struct sock_diag_row *, void *), void *arg,
		   struct err *err)
{
	struct inet_diag_req_v2 *req = begin_family(d, 0, ends->family);
	size_t len = ends->family == AF_INET ? 4 : 16;
	struct sock_diag_reading r = { .states = SOCK_DIAG_ALL_STATES,
				       .row = row,
				       .arg = arg,
				       .portid = d->portid };
	ssize_t n;
	int code;

	memcpy(req->id.idiag_src, ends->local, len);
	memcpy(req->id.idiag_dst, ends->remote, len);
	req->id.idiag_sport = htons(ends->local_port);
	req->id.idiag_dport = htons(ends->remote_port);
	req->id.idiag_cookie[0] = req->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	r.seq = d->seq;
	code = send_begun(d, err);
	if (code < 0)
		return code;
	n = netlink_receive(d->nl, d->buf, sizeof(d->buf), err);
	return n < 0 ? (int)n : sock_diag_read(&r, d->buf, (size_t)n, err);
}
