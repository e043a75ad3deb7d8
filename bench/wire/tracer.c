#include "bench/wire/tracer.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "common/base/clock.h"
#include "common/kernel/sock_diag.h"

#define MEET_NS (150 * NS_PER_MS)

int tracer_open(struct tracer *t, const struct wire_plan *plan, struct line *line,
		struct err *err)
{
	int r = 0;

	*t = (struct tracer){ .order = &plan->trace->order,
			      .trace = plan->trace->trace,
			      .line = line };
	for (int e = 0; r == 0 && e < ENDS; e++) {
		if (setns(plan->host[e], CLONE_NEWNET) == -1)
			r = err_sys(err, "enter a host");
		r = r ? r : sock_diag_open(&t->diag[e], err);
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
static void look_at_end(struct tracer *t, enum end e, struct wire_end *out)
{
	struct sock_diag_row ends = {
		.family = t->family,
		.local = t->address[e],
		.remote = t->address[!e],
		.local_port = t->port[e],
		.remote_port = t->port[!e],
	};

	*out = (struct wire_end){ 0 };
	sock_diag_find(t->diag[e], &ends, keep_end, out, NULL);
	t->had_socket[e] |= out->state != 0 && out->state != STATE_LISTEN;
	if (out->state == STATE_LISTEN && t->had_socket[e])
		*out = (struct wire_end){ 0 };
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

static enum fate take_step(struct tracer *t, enum end from, const struct segment *seg)
{
	struct step s = { .from = from, .segment = *seg };
	struct wire_end ends[ENDS];

	if (!t->met)
		hold(t->order->pace_ns);
	t->last_ns = clock_ns();
	t->begin_ns = t->begin_ns ? t->begin_ns : t->last_ns;
	s.at_ns = t->last_ns - t->begin_ns;
	for (int e = 0; e < ENDS; e++) {
		look_at_end(t, (enum end)e, &ends[e]);
		s.state[e] = ends[e].state;
	}
	step_place(&s, &t->past);
	s.fate = fate_of(t->order, &s);
	if (t->trace->n == WIRE_STEPS) {
		t->trace->beyond++;
		return s.fate;
	}
	t->trace->at[t->trace->n++] = s;
	if (t->order->step)
		t->order->step(&s, t->order->arg);
	return s.fate;
}

static void trace_this(struct tracer *t, enum end from, const struct segment *seg)
{
	t->known = true;
	t->family = seg->family;
	t->port[from] = seg->from_port;
	t->port[!from] = seg->to_port;
	memcpy(t->address[from], seg->from, sizeof(seg->from));
	memcpy(t->address[!from], seg->to, sizeof(seg->to));
}

/* The first SYN's connection is the one; whether a segment is of it. */
static bool is_traced(struct tracer *t, enum end from, const struct segment *seg)
{
	if (!t->known && seg->flags & SEGMENT_SYN)
		trace_this(t, from, seg);
	return t->known && seg->from_port == t->port[from] &&
	       seg->to_port == t->port[!from];
}

/* ---- its segments */

static void take_segment(struct tracer *t, enum end from, const struct segment *seg,
			 const unsigned char *bytes, size_t len)
{
	enum fate fate = take_step(t, from, seg);

	if (fate == FATE_DROPPED)
		return;
	line_carry(t->line, from, bytes, len);
	if (fate == FATE_DUPLICATED)
		line_carry(t->line, from, bytes, len);
}

static bool read_segment(const unsigned char *bytes, size_t len, struct segment *seg)
{
	return len > LINE_VNET_HEADER &&
	       segment_read(bytes + LINE_VNET_HEADER, len - LINE_VNET_HEADER, seg);
}

/* The FIN that waited goes on. */
static void let_go(struct tracer *t)
{
	struct frame *f = t->met;
	struct segment seg;

	if (!f)
		return;
	t->have_met = true;
	if (read_segment(f->bytes, f->len, &seg))
		take_segment(t, t->met_from, &seg, f->bytes, f->len);
	t->met = NULL;
	free(f);
}

/* Whether it stays here until the other end's FIN comes. */
static bool waits(struct tracer *t, enum end from, const struct segment *seg,
		  const unsigned char *bytes, size_t len)
{
	if (!t->order->meet || t->have_met || t->met || !(seg->flags & SEGMENT_FIN))
		return false;
	t->met = frame_new(bytes, len, clock_ns() + MEET_NS);
	t->met_from = from;
	return t->met;
}

void tracer_take(struct tracer *t, enum end from, const unsigned char *bytes, size_t len)
{
	struct segment seg;
	bool is_segment = read_segment(bytes, len, &seg);

	if (!is_segment || !is_traced(t, from, &seg)) {
		t->trace->others += is_segment;
		line_carry(t->line, from, bytes, len);
		return;
	}
	if (waits(t, from, &seg, bytes, len))
		return;
	if (seg.flags & SEGMENT_FIN)
		let_go(t);
	take_segment(t, from, &seg, bytes, len);
}

uint64_t tracer_next_ns(const struct tracer *t)
{
	return t->met ? t->met->due_ns : UINT64_MAX;
}

void tracer_turn(struct tracer *t, uint64_t now_ns)
{
	if (t->met && t->met->due_ns <= now_ns)
		let_go(t);
}

void tracer_end(struct tracer *t)
{
	for (int e = 0; t->known && e < ENDS; e++)
		look_at_end(t, (enum end)e, &t->trace->end[e]);
}
