#include "bench/probe/raw.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <string.h>
#include "bench/hold/checksum.h"
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

int probe_raw_open(struct probe_run *run)
{
	const struct sock_fprog filter = {
		.len = sizeof(only_syn_or_mark) / sizeof(only_syn_or_mark[0]),
		.filter = only_syn_or_mark,
	};
	const struct addr *at = &run->address;
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd == -1 && (errno == EPERM || errno == EACCES))
		run->r = err_support(
			&run->err,
			"capturing a segment needs CAP_NET_RAW in the user namespace "
			"that owns this network namespace: run it as root, or by the "
			"lab");
	else if (fd == -1 ||
		 setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) ||
		 bind(fd, &at->sa, at->len) == -1)
		run->r = err_sys(&run->err, "raw socket");
	return fd;
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

void probe_raw_next(struct probe_run *run, int fd, uint16_t from, uint16_t to, bool syn,
		    struct probe_segment *out)
{
	uint64_t deadline = clock_ns() + PATIENCE;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	unsigned char packet[60 + PROBE_RAW_MAX];

	while (probe_poll(run, &p, 1, deadline) > 0) {
		ssize_t n = recv(fd, packet, sizeof(packet), MSG_TRUNC);

		if (n == -1 && errno != EAGAIN && errno != EINTR)
			run->r = err_sys(&run->err, "raw socket");
		if (n > 0 && (size_t)n <= sizeof(packet) &&
		    parse(packet, (unsigned)n, out) && out->from_port == from &&
		    out->to_port == to && out->syn == syn)
			return;
	}
	if (run->r == 0)
		run->r = err_run(&run->err, "%s from port %u to port %u was not captured",
				 syn ? "the SYN" : "the segment", from, to);
}

void probe_raw_inject(struct probe_run *run, int fd, const struct probe_segment *s)
{
	const struct addr *to = &run->address;
	const struct in_addr *host = &to->in.sin_addr;
	unsigned char bytes[PROBE_RAW_MAX];
	uint16_t sum;

	if (run->r < 0)
		return;
	memcpy(bytes, s->bytes, s->len);
	sum = checksum_tcp(host, host, bytes, s->len);
	memcpy(bytes + offsetof(struct tcphdr, check), &sum, sizeof(sum));
	if (sendto(fd, bytes, s->len, 0, &to->sa, to->len) != (ssize_t)s->len)
		run->r = err_sys(&run->err, "sending the old segment again");
}
