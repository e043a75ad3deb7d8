#include "bench/probe/raw.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>
#include "bench/hold/checksum.h"
#include "bench/probe/probe_kit.h"
#include "bench/probe/wait.h"
#include "common/base/clock.h"

#define PATIENCE (2 * NS_PER_S)

/* clang-format off */
/* On a raw socket offset 0 is the IP header.  A load past the end drops the packet. */
static struct sock_filter only_syn_or_mark[] = {
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),              /* X = IP header's length */
	BPF_STMT(BPF_LD | BPF_B | BPF_IND, 13),              /* TCP flags */
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x02, 7, 0),    /* SYN: keep */
	BPF_STMT(BPF_LD | BPF_B | BPF_IND, 12),              /* data offset, 4 bits, words */
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
	BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 2),              /* in bytes */
	BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),                     /* X = where the data begins */
	BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x4f4c442d, 0, 1), /* "OLD-" */
	BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	BPF_STMT(BPF_RET | BPF_K, 0),
};
/* clang-format on */

int probe_raw_open(const struct addr *at, struct err *err)
{
	const struct sock_fprog filter = {
		.len = sizeof(only_syn_or_mark) / sizeof(only_syn_or_mark[0]),
		.filter = only_syn_or_mark,
	};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	int r;

	if (fd == -1 && (errno == EPERM || errno == EACCES))
		return err_support(
			err,
			"capturing a segment needs CAP_NET_RAW in the user namespace "
			"that owns this network namespace: run it as root, or by the "
			"lab");
	if (fd == -1)
		return err_sys(err, "raw socket");
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0 &&
	    bind(fd, &at->sa, at->len) == 0)
		return fd;
	r = err_sys(err, "raw socket");
	close(fd);
	return r;
}

/* Its IP header is cut off; false if it is no whole segment. */
static bool parse(const unsigned char *packet, unsigned len, struct probe_segment *s)
{
	unsigned ip_len = len ? (packet[0] & 15) * 4u : 0;
	struct tcphdr h;

	if (len < ip_len + sizeof(h) || len - ip_len > sizeof(s->bytes))
		return false;
	s->len = len - ip_len;
	memcpy(s->bytes, packet + ip_len, s->len);
	memcpy(&h, s->bytes, sizeof(h));
	s->header_len = h.doff * 4u;
	s->seq = ntohl(h.seq);
	s->ack = ntohl(h.ack_seq);
	s->from_port = ntohs(h.source);
	s->to_port = ntohs(h.dest);
	s->syn = h.syn;
	return s->header_len >= sizeof(h) && s->header_len <= s->len;
}

int probe_raw_next(struct probe_run *run, int fd, uint16_t from, uint16_t to, bool syn,
		   struct probe_segment *out, struct err *err)
{
	uint64_t deadline = clock_ns() + PATIENCE;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	unsigned char packet[60 + PROBE_RAW_MAX];
	int r;

	while ((r = probe_poll(run, &p, 1, deadline, err)) > 0) {
		ssize_t n = recv(fd, packet, sizeof(packet), MSG_TRUNC);

		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return err_sys(err, "raw socket");
		if (n > 0 && (size_t)n <= sizeof(packet) &&
		    parse(packet, (unsigned)n, out) && out->from_port == from &&
		    out->to_port == to && out->syn == syn)
			return 0;
	}
	return r < 0 ? r
		     : err_run(err, "%s from port %u to port %u was not captured",
			       syn ? "the SYN" : "the segment", from, to);
}

int probe_raw_inject(int fd, const struct addr *at, const struct probe_segment *s,
		     struct err *err)
{
	const struct in_addr *host = &at->in.sin_addr;
	unsigned char bytes[PROBE_RAW_MAX];
	struct addr to = *at;
	uint16_t sum;

	memcpy(bytes, s->bytes, s->len);
	sum = checksum_tcp(host, host, bytes, s->len);
	memcpy(bytes + offsetof(struct tcphdr, check), &sum, sizeof(sum));
	addr_set_port(&to, 0);
	if (sendto(fd, bytes, s->len, 0, &to.sa, to.len) != (ssize_t)s->len)
		return err_sys(err, "sending the old segment again");
	return 0;
}
