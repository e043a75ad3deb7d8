#include "bench/wire/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "common/base/clock.h"
#include "common/kernel/sock_diag.h"

#define VNET_HEADER 10 /* struct virtio_net_hdr: what offload left to do */
#define FRAME_MAX   (VNET_HEADER + 65550) /* with segmentation offload */
#define WAITING_MAX 4096
#define BUFFER      (4 << 20)
#define QUIET_NS                                                                         \
	(250 * NS_PER_MS) /* a delayed ACK comes within 40 ms, a repeated FIN after 200 */
#define SETTLE_NS (3 * NS_PER_S)
#define MEET_NS   (150 * NS_PER_MS)

int wire_init(struct wire *w, struct err *err)
{
	*w = (struct wire){ .stop = -1, .over = -1 };
	w->trace = mmap(NULL, sizeof(*w->trace), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w->trace != MAP_FAILED)
		return 0;
	w->trace = NULL;
	return err_sys(err, "mmap");
}

void wire_done(struct wire *w)
{
	if (w->stop != -1)
		close(w->stop);
	if (w->over != -1)
		close(w->over);
	if (w->trace)
		munmap(w->trace, sizeof(*w->trace));
}

/* ---- the process */

struct frame {
	STAILQ_ENTRY(frame) next;
	uint64_t due_ns;
	enum end from;
	size_t len;
	unsigned char bytes[];
};
STAILQ_HEAD(frames, frame);

struct carrier {
	struct wire_order *order;
	struct wire_trace *trace;
	struct sock_diag *diag[ENDS];
	int packets[ENDS];
	struct frames
		waiting; /* all are held for the same time, so the first is due first */
	unsigned n_waiting;
	struct steps_past past;
	bool known; /* the connection that is traced */
	int family; /* its */
	unsigned char address[ENDS][16];
	uint16_t port[ENDS];
	bool had_socket[ENDS];
	uint64_t begin_ns, last_ns; /* of its segments */
	struct frame *met;          /* owned: the FIN that waits for the other end's */
	bool have_met;
	unsigned char buf[FRAME_MAX];
};

static int open_packets(int index, struct err *err)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
					.sll_protocol = htons(ETH_P_ALL),
					.sll_ifindex = index };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			htons(ETH_P_ALL));
	int on = 1, size = BUFFER;

	if (fd == -1)
		return err_sys(err, "a packet socket for the wire");
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == -1 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1) {
		int r = err_sys(err, "a packet socket for the wire");

		close(fd);
		return r;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static int open_all(struct carrier *c, const struct wire_place *at, struct err *err)
{
	int r = 0;

	for (int e = 0; r == 0 && e < ENDS; e++) {
		if (setns(at->host[e], CLONE_NEWNET) == -1)
			r = err_sys(err, "enter a host");
		r = r ? r : sock_diag_open(&c->diag[e], err);
	}
	if (r == 0 && setns(at->netns, CLONE_NEWNET) == -1)
		r = err_sys(err, "enter the wire's namespace");
	for (int e = 0; r == 0 && e < ENDS; e++) {
		c->packets[e] = open_packets(at->interface[e], err);
		r = c->packets[e] < 0 ? c->packets[e] : 0;
	}
	return r;
}

/* ---- both ends' states */

static void print_end(const struct sock_diag_row *row, bool remote, char *buf,
		      size_t size)
{
	char host[48];

	inet_ntop(row->family, remote ? row->remote : row->local, host, sizeof(host));
	snprintf(buf, size, row->family == AF_INET ? "%s:%u" : "[%s]:%u", host,
		 remote ? row->remote_port : row->local_port);
}

static int keep_end(const struct sock_diag_row *row, void *arg)
{
	struct wire_end *out = arg;

	out->state = row->state;
	out->expires_ms = row->expires_ms;
	print_end(row, false, out->local, sizeof(out->local));
	print_end(row, true, out->remote, sizeof(out->remote));
	return 0;
}

/* A listener is what an end is before it has a socket for the connection. */
static void look_at_end(struct carrier *c, enum end e, struct wire_end *out)
{
	struct sock_diag_row ends = {
		.family = c->family,
		.local = c->address[e],
		.remote = c->address[!e],
		.local_port = c->port[e],
		.remote_port = c->port[!e],
	};

	*out = (struct wire_end){ 0 };
	sock_diag_find(c->diag[e], &ends, keep_end, out, NULL);
	c->had_socket[e] |= out->state != 0 && out->state != STATE_LISTEN;
	if (out->state == STATE_LISTEN && c->had_socket[e])
		*out = (struct wire_end){ 0 };
}

/* ---- carrying */

static void send_on(struct carrier *c, enum end from, const void *bytes, size_t len)
{
	if (send(c->packets[!from], bytes, len, 0) == -1 && errno != ENETDOWN)
		c->trace->refused++;
}

static struct frame *frame_new(enum end from, const void *bytes, size_t len,
			       uint64_t due_ns)
{
	struct frame *f = malloc(sizeof(*f) + len);

	if (!f)
		return NULL;
	f->due_ns = due_ns;
	f->from = from;
	f->len = len;
	memcpy(f->bytes, bytes, len);
	return f;
}

static void carry(struct carrier *c, enum end from, const void *bytes, size_t len)
{
	struct frame *f;

	if (!c->order->delay_ns) {
		send_on(c, from, bytes, len);
		return;
	}
	f = c->n_waiting < WAITING_MAX
		    ? frame_new(from, bytes, len, clock_ns() + c->order->delay_ns)
		    : NULL;
	if (!f) {
		c->trace->refused++;
		return;
	}
	STAILQ_INSERT_TAIL(&c->waiting, f, next);
	c->n_waiting++;
}

static void carry_due(struct carrier *c, uint64_t now_ns)
{
	struct frame *f;

	while ((f = STAILQ_FIRST(&c->waiting)) && f->due_ns <= now_ns) {
		STAILQ_REMOVE_HEAD(&c->waiting, next);
		c->n_waiting--;
		send_on(c, f->from, f->bytes, f->len);
		free(f);
	}
}

static void hold(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / NS_PER_S),
			      .tv_nsec = (long)(ns % NS_PER_S) };

	nanosleep(&t, NULL);
}

static enum fate fate_of(struct wire_order *o, const struct step *s)
{
	for (unsigned i = 0; i < o->n_rules; i++)
		if (which_is(&o->rule[i].which, s))
			return o->rule[i].fate;
	return FATE_CARRIED;
}

static enum fate take_step(struct carrier *c, enum end from, const struct segment *seg)
{
	struct step s = { .from = from, .segment = *seg };
	struct wire_end ends[ENDS];

	if (!c->met)
		hold(c->order->pace_ns);
	c->last_ns = clock_ns();
	c->begin_ns = c->begin_ns ? c->begin_ns : c->last_ns;
	s.at_ns = c->last_ns - c->begin_ns;
	for (int e = 0; e < ENDS; e++) {
		look_at_end(c, (enum end)e, &ends[e]);
		s.state[e] = ends[e].state;
	}
	step_place(&s, &c->past);
	s.fate = fate_of(c->order, &s);
	if (c->trace->n == WIRE_STEPS) {
		c->trace->beyond++;
		return s.fate;
	}
	c->trace->at[c->trace->n++] = s;
	if (c->order->step)
		c->order->step(&s, c->order->arg);
	return s.fate;
}

static void trace_this(struct carrier *c, enum end from, const struct segment *seg)
{
	c->known = true;
	c->family = seg->family;
	c->port[from] = seg->from_port;
	c->port[!from] = seg->to_port;
	memcpy(c->address[from], seg->from, sizeof(seg->from));
	memcpy(c->address[!from], seg->to, sizeof(seg->to));
}

/* The first SYN's connection is the one; whether a segment is of it. */
static bool is_traced(struct carrier *c, enum end from, const struct segment *seg)
{
	if (!c->known && seg->flags & SEGMENT_SYN)
		trace_this(c, from, seg);
	return c->known && seg->from_port == c->port[from] &&
	       seg->to_port == c->port[!from];
}

static void take_segment(struct carrier *c, enum end from, const struct segment *seg,
			 const unsigned char *bytes, size_t len)
{
	enum fate fate = take_step(c, from, seg);

	if (fate == FATE_DROPPED)
		return;
	carry(c, from, bytes, len);
	if (fate == FATE_DUPLICATED)
		carry(c, from, bytes, len);
}

/* The FIN that waited goes on. */
static void let_go(struct carrier *c)
{
	struct frame *f = c->met;
	struct segment seg;

	if (!f)
		return;
	c->have_met = true;
	if (segment_read(f->bytes + VNET_HEADER, f->len - VNET_HEADER, &seg))
		take_segment(c, f->from, &seg, f->bytes, f->len);
	c->met = NULL;
	free(f);
}

/* Whether it stays here until the other end's FIN comes. */
static bool waits(struct carrier *c, enum end from, const struct segment *seg, size_t len)
{
	if (!c->order->meet || c->have_met || c->met || !(seg->flags & SEGMENT_FIN))
		return false;
	c->met = frame_new(from, c->buf, len, clock_ns() + MEET_NS);
	return c->met;
}

static void take_frame(struct carrier *c, enum end from, size_t len)
{
	struct segment seg;

	if (len <= VNET_HEADER ||
	    !segment_read(c->buf + VNET_HEADER, len - VNET_HEADER, &seg)) {
		carry(c, from, c->buf, len);
		return;
	}
	if (!is_traced(c, from, &seg)) {
		c->trace->others++;
		carry(c, from, c->buf, len);
		return;
	}
	if (waits(c, from, &seg, len))
		return;
	if (seg.flags & SEGMENT_FIN)
		let_go(c);
	take_segment(c, from, &seg, c->buf, len);
}

static void take_frames(struct carrier *c, enum end from)
{
	ssize_t n;

	while ((n = recv(c->packets[from], c->buf, sizeof(c->buf), MSG_TRUNC)) > 0) {
		if ((size_t)n > sizeof(c->buf))
			c->trace->refused++;
		else
			take_frame(c, from, (size_t)n);
	}
}

/* Until when it may wait for frames. */
static uint64_t next_ns(const struct carrier *c, uint64_t now_ns, uint64_t stop_ns)
{
	uint64_t at = stop_ns ? now_ns + QUIET_NS / 10 : UINT64_MAX;
	const struct frame *f = STAILQ_FIRST(&c->waiting);

	at = f && f->due_ns < at ? f->due_ns : at;
	return c->met && c->met->due_ns < at ? c->met->due_ns : at;
}

static bool is_settled(const struct carrier *c, uint64_t now_ns, uint64_t stop_ns)
{
	return stop_ns && STAILQ_EMPTY(&c->waiting) && !c->met &&
	       (now_ns > stop_ns + SETTLE_NS ||
		(now_ns > c->last_ns + QUIET_NS && now_ns > stop_ns + QUIET_NS / 2));
}

static void run(struct carrier *c, int stop)
{
	uint64_t now_ns = clock_ns(), stop_ns = 0;

	while (!is_settled(c, now_ns, stop_ns)) {
		struct pollfd fds[ENDS + 1] = { { .fd = c->packets[0], .events = POLLIN },
						{ .fd = c->packets[1], .events = POLLIN },
						{ .fd = stop_ns ? -1 : stop,
						  .events = POLLIN } };
		uint64_t at = next_ns(c, now_ns, stop_ns);
		struct timespec wait = { .tv_sec = 3600 };

		if (at != UINT64_MAX) {
			at = at > now_ns ? at - now_ns : 0;
			wait = (struct timespec){ .tv_sec = (time_t)(at / NS_PER_S),
						  .tv_nsec = (long)(at % NS_PER_S) };
		}
		ppoll(fds, ENDS + 1, &wait, NULL);
		now_ns = clock_ns();
		if (fds[2].revents && !stop_ns)
			stop_ns = now_ns;
		carry_due(c, now_ns);
		if (c->met && c->met->due_ns <= now_ns)
			let_go(c);
		for (int e = 0; e < ENDS; e++)
			take_frames(c, (enum end)e);
		now_ns = clock_ns();
	}
	for (int e = 0; e < ENDS; e++)
		look_at_end(c, (enum end)e, &c->trace->end[e]);
}

static int child(struct wire *w, const struct wire_place *at, int stop, int over)
{
	static struct carrier c; /* too large for a stack */
	struct err err;
	char ready = 0;

	c = (struct carrier){ .order = &w->order, .trace = w->trace };
	STAILQ_INIT(&c.waiting);
	w->trace->r = open_all(&c, at, &err);
	if (w->trace->r < 0)
		snprintf(w->trace->why, sizeof(w->trace->why), "%.199s", err.text);
	if (write(over, &ready, 1) != 1 || w->trace->r < 0)
		return 1;
	run(&c, stop);
	return 0;
}

/* ---- its parent */

int wire_start(struct wire *w, const struct wire_place *at, struct err *err)
{
	int stop[2], over[2];
	char ready;
	pid_t pid;

	if (pipe2(stop, O_CLOEXEC) == -1)
		return err_sys(err, "pipe");
	if (pipe2(over, O_CLOEXEC) == -1)
		return err_sys(err, "pipe");
	pid = fork();
	if (pid == 0) {
		close(stop[1]);
		close(over[0]);
		_exit(child(w, at, stop[0], over[1]));
	}
	close(stop[0]);
	close(over[1]);
	w->stop = stop[1];
	w->over = over[0];
	if (pid == -1)
		return err_sys(err, "fork");
	if (read(w->over, &ready, 1) != 1)
		return err_run(err,
			       "the wire's process ended before it carried anything");
	return w->trace->r < 0 ? err_run(err, "%s", w->trace->why) : 0;
}

void wire_stop(struct wire *w)
{
	char none;

	if (w->stop == -1)
		return;
	close(w->stop);
	w->stop = -1;
	while (read(w->over, &none, 1) == -1 && errno == EINTR)
		;
}
