#include "bench/wire/line.h"
#include "bench/wire/pcapng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "common/base/clock.h"

#define WAITING_MAX 20000
#define BUFFER      (16 << 20)

struct frame *frame_new(const void *bytes, size_t len, uint64_t due_ns)
{
	struct frame *f = malloc(sizeof(*f) + len);

	if (!f)
		return NULL;
	f->due_ns = due_ns;
	f->len = len;
	memcpy(f->bytes, bytes, len);
	return f;
}

static int open_packets(int index, struct err *err)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
					.sll_protocol = htons(ETH_P_ALL),
					.sll_ifindex = index };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, size = BUFFER, r;

	if (fd == -1)
		return err_sys(err, "a packet socket for the wire");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) == 0 &&
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	r = err_sys(err, "a packet socket for the wire");
	close(fd);
	return r;
}

int line_open(struct line *l, const struct wire_cable *cable, uint64_t seed,
	      struct err *err)
{
	*l = (struct line){ .stats = cable->stats };
	for (int e = 0; e < ENDS; e++) {
		STAILQ_INIT(&l->waiting[e]);
		impaired_init(&l->way[e], &cable->impair, 2 * seed + (uint64_t)e);
		l->packets[e] = open_packets(cable->interface[e], err);
		if (l->packets[e] < 0)
			return l->packets[e];
	}
	return 0;
}

static void send_on(struct line *l, enum end from, const void *bytes, size_t len)
{
	if (send(l->packets[!from], bytes, len, 0) == -1 && errno != ENETDOWN)
		l->stats->refused++;
	else if (l->pcap)
		pcapng_frame(l->pcap, clock_wall_ns(),
			     (const char *)bytes + LINE_VNET_HEADER,
			     len - LINE_VNET_HEADER);
}

static void keep(struct line *l, enum end from, const void *bytes, size_t len,
		 const struct impair_verdict *v)
{
	struct frame *f =
		l->n_waiting < WAITING_MAX ? frame_new(bytes, len, v->due_ns) : NULL;

	if (!f) {
		l->stats->refused++;
		return;
	}
	if (v->ahead)
		STAILQ_INSERT_HEAD(&l->waiting[from], f, next);
	else
		STAILQ_INSERT_TAIL(&l->waiting[from], f, next);
	l->n_waiting++;
}

void line_carry(struct line *l, enum end from, const void *bytes, size_t len)
{
	uint64_t now_ns = clock_ns();
	struct impair_verdict v =
		impaired_judge(&l->way[from], len - LINE_VNET_HEADER, now_ns);

	l->stats->frames++;
	l->stats->lost += v.copies == 0;
	l->stats->duplicated += v.copies > 1;
	l->stats->reordered += v.ahead && !STAILQ_EMPTY(&l->waiting[from]);
	for (unsigned i = 0; i < v.copies; i++) {
		if (v.due_ns <= now_ns)
			send_on(l, from, bytes, len);
		else
			keep(l, from, bytes, len, &v);
	}
}

static void note_lateness(struct line *l, const struct frame *f, uint64_t now_ns)
{
	uint64_t late_ns = now_ns - f->due_ns;

	l->stats->delayed++;
	l->stats->late_ns += late_ns;
	if (late_ns > l->stats->latest_ns)
		l->stats->latest_ns = late_ns;
}

void line_turn(struct line *l, uint64_t now_ns)
{
	struct frame *f;

	for (int e = 0; e < ENDS; e++)
		while ((f = STAILQ_FIRST(&l->waiting[e])) && f->due_ns <= now_ns) {
			STAILQ_REMOVE_HEAD(&l->waiting[e], next);
			l->n_waiting--;
			note_lateness(l, f, now_ns);
			send_on(l, (enum end)e, f->bytes, f->len);
			free(f);
		}
}

uint64_t line_next_ns(const struct line *l)
{
	uint64_t at = UINT64_MAX;

	for (int e = 0; e < ENDS; e++) {
		const struct frame *f = STAILQ_FIRST(&l->waiting[e]);

		if (f && f->due_ns < at)
			at = f->due_ns;
	}
	return at;
}

size_t line_receive(struct line *l, enum end from, void *buf, size_t size)
{
	ssize_t n = recv(l->packets[from], buf, size, MSG_TRUNC);

	return n > 0 ? (size_t)n : 0;
}
