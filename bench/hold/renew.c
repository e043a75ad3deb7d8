#include "bench/hold/renew.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench/hold/checksum.h"
#include "bench/hold/filter.h"
#include "common/base/clock.h"
#include "common/kernel/host.h"

#define ROUND (20 * NS_PER_S) /* each TIME_WAIT is renewed once in it */

struct hold_renewer {
	int fd;            /* owned: raw, in the peer's namespace */
	uint64_t begin_ns; /* of the first round; 0 = not yet */
	uint64_t done;     /* renewed since then, all rounds */
};

/* ---- the socket */

static void open_raw(struct hold *h, void *arg)
{
	int fd = h->renewer->fd =
		socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	(void)arg;
	if (fd == -1 && errno == EPERM)
		err_support(&h->err,
			    "TIME_WAIT ends after 60 s, and to renew it needs a "
			    "raw socket (CAP_NET_RAW): --hold at most %ds",
			    HOLD_TIME_WAIT_S);
	else if (fd == -1)
		err_sys(&h->err, "raw socket");
	else
		hold_filter_all(fd, &h->err); /* or it would get a copy of everything */
}

void hold_renewer_open(struct hold *h)
{
	if (host_sysctl_int("/proc", "ipv4.tcp_rfc1337", 0) != 1) {
		err_support(&h->err,
			    "TIME_WAIT ends after 60 s, and to renew it needs "
			    "tcp_rfc1337=1 on this host: --hold at most %ds",
			    HOLD_TIME_WAIT_S);
		return;
	}
	h->renewer = calloc(1, sizeof(*h->renewer));
	if (!h->renewer) {
		err_sys(&h->err, "renewer");
		return;
	}
	h->renewer->fd = -1;
	hold_at_peer(h, open_raw, NULL);
}

void hold_renewer_close(struct hold_renewer *r)
{
	if (r && r->fd != -1)
		close(r->fd);
	free(r);
}

/* ---- renewing */

/* A bare ACK, of nothing in particular. */
static int send_ack(const struct hold *h, const struct hold_pair *pair, struct err *err)
{
	struct addr to = h->plan.address;
	struct tcphdr tcp = { .th_sport = htons(pair->peer),
			      .th_dport = htons(pair->ours),
			      .th_off = sizeof(tcp) / 4,
			      .th_flags = TH_ACK };

	tcp.th_sum = checksum_tcp(&h->peer.address.in.sin_addr, &to.in.sin_addr,
				  (const unsigned char *)&tcp, sizeof(tcp));
	addr_set_port(&to, 0);
	if (sendto(h->renewer->fd, &tcp, sizeof(tcp), 0, &to.sa, to.len) == -1 &&
	    errno != EAGAIN && errno != ENOBUFS)
		return err_sys(err, "renew TIME_WAIT");
	return 0;
}

/* As many as the time since the beginning asks for, at most one round of them. */
int hold_renewer_turn(struct hold *h, struct err *err)
{
	struct hold_renewer *re = h->renewer;
	uint64_t now = clock_ns(), due;
	int r = 0;

	if (!re || h->n_pairs == 0)
		return 0;
	if (!re->begin_ns)
		re->begin_ns = now;
	due = (uint64_t)((double)(now - re->begin_ns) / ROUND * (double)h->n_pairs);
	if (due > re->done + h->n_pairs)
		re->done = due - h->n_pairs;
	for (; r == 0 && re->done < due; re->done++)
		r = send_ack(h, &h->pairs[re->done % h->n_pairs], err);
	return r;
}
