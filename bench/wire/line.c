#include "bench/wire/line.h"
#include "bench/wire/arrivals.h"
#include "bench/wire/neighbour.h"
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

#define BYTES_MAX (64u << 20) /* of all frames that wait */
#define BUFFER    (16 << 20)

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
		r = arrivals_open(fd, err);
	else
		r = err_sys(err, "a packet socket for the wire");
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int line_open(struct line *l, const struct wire_cable *cable, unsigned nth,
	      struct err *err)
{
	*l = (struct line){ .stats = cable->stats };
	for (int e = 0; e < ENDS; e++) {
		STAILQ_INIT(&l->waiting[e]);
		impaired_init(&l->way[e], &cable->impair,
			      (cable->impair.seed << 8) + 2 * nth + (uint64_t)e);
		l->packets[e] = open_packets(cable->interface[e], err);
		if (l->packets[e] < 0)
			return l->packets[e];
	}
	if (cable->impair.drop.n) {
		l->drops = drops_new(&cable->impair.drop, DROPS_CONNECTIONS,
				     &l->stats->drops);
		if (!l->drops)
			return err_run(err, "no memory for a cable's connections");
	}
	return hist_init(&l->late, err);
}

static void send_on(struct line *l, enum end from, const void *bytes, size_t len,
		    uint64_t due_ns)
{
	uint64_t now_ns = clock_ns(), late_ns = now_ns > due_ns ? now_ns - due_ns : 0;

	if (send(l->packets[!from], bytes, len, 0) == -1) {
		l->stats->refused += errno != ENETDOWN;
		return;
	}
	l->stats->carried++;
	hist_record(&l->late, late_ns);
	if (l->pcap)
		pcapng_frame(l->pcap, clock_wall_ns(),
			     (const char *)bytes + LINE_VNET_HEADER,
			     len - LINE_VNET_HEADER);
}

static bool has_room(const struct line *l, size_t len)
{
	return l->n_waiting < WIRE_WAITING_MAX && l->waiting_bytes + len <= BYTES_MAX;
}

static void keep(struct line *l, enum end from, const void *bytes, size_t len,
		 const struct impair_verdict *v)
{
	struct frame *f = has_room(l, len) ? frame_new(bytes, len, v->due_ns) : NULL;

	if (!f) {
		l->stats->refused++;
		return;
	}
	if (v->ahead)
		STAILQ_INSERT_HEAD(&l->waiting[from], f, next);
	else
		STAILQ_INSERT_TAIL(&l->waiting[from], f, next);
	l->n_waiting++;
	l->waiting_bytes += len;
	if (l->n_waiting > l->stats->most_waiting)
		l->stats->most_waiting = l->n_waiting;
}

static bool is_named(struct line *l, enum end from, const unsigned char *frame,
		     size_t len)
{
	struct segment seg;

	return l->drops && segment_read(frame, len, &seg) &&
	       drops_take(l->drops, from, &seg);
}

/* Frames that wait came earlier and go first. */
static bool goes_now(const struct line *l, enum end from, const struct impair_verdict *v,
		     uint64_t now_ns)
{
	return v->due_ns <= now_ns && (v->ahead || STAILQ_EMPTY(&l->waiting[from]));
}

void line_take(struct line *l, enum end from, const void *bytes, size_t len,
	       uint64_t at_ns)
{
	const unsigned char *frame = (const unsigned char *)bytes + LINE_VNET_HEADER;
	size_t frame_len = len - LINE_VNET_HEADER;
	struct impair_verdict v;

	l->stats->frames++;
	if (is_named(l, from, frame, frame_len))
		return;
	v = impaired_judge(&l->way[from], frame_len, !is_of_neighbours(frame, frame_len),
			   at_ns);
	l->stats->lost += v.copies == 0;
	l->stats->duplicated += v.copies > 1;
	l->stats->reordered += v.ahead && !STAILQ_EMPTY(&l->waiting[from]);
	for (unsigned i = 0; i < v.copies; i++) {
		if (goes_now(l, from, &v, clock_ns()))
			send_on(l, from, bytes, len, v.due_ns);
		else
			keep(l, from, bytes, len, &v);
	}
}

void line_carry(struct line *l, enum end from, const void *bytes, size_t len)
{
	line_take(l, from, bytes, len, clock_ns());
}

void line_turn(struct line *l, uint64_t now_ns)
{
	struct frame *f;

	for (int e = 0; e < ENDS; e++)
		while ((f = STAILQ_FIRST(&l->waiting[e])) && f->due_ns <= now_ns) {
			STAILQ_REMOVE_HEAD(&l->waiting[e], next);
			l->n_waiting--;
			l->waiting_bytes -= f->len;
			send_on(l, (enum end)e, f->bytes, f->len, f->due_ns);
			free(f);
		}
}

/* How many frames the kernel dropped because the socket's buffer was full. */
static uint64_t overrun(int fd)
{
	struct tpacket_stats s;
	socklen_t len = sizeof(s);

	return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &s, &len) == 0 ? s.tp_drops
									    : 0;
}

void line_end(struct line *l)
{
	for (int e = 0; e < ENDS; e++)
		l->stats->refused += overrun(l->packets[e]);
	hist_settle(&l->late);
	l->stats->late_mean_ns = (uint64_t)hist_mean(&l->late);
	l->stats->late_p50_ns = hist_quantile(&l->late, 0.5);
	l->stats->late_p99_ns = hist_quantile(&l->late, 0.99);
	l->stats->latest_ns = l->late.max_ns;
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
