#include "bench/wire/pair.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include "common/kernel/sock_diag.h"

int pair_open(struct pair *p, const int host[ENDS], struct err *err)
{
	int r = 0;

	*p = (struct pair){ 0 };
	for (int e = 0; r == 0 && e < ENDS; e++) {
		if (setns(host[e], CLONE_NEWNET) == -1)
			r = err_sys(err, "enter a host");
		r = r ? r : sock_diag_open(&p->diag[e], err);
	}
	return r;
}

void pair_again(struct pair *p)
{
	p->had_socket[END_CLIENT] = p->had_socket[END_SERVER] = false;
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
	out->timer = row->timer;
	out->expires_ms = row->expires_ms;
	print_end(row, false, out->local, sizeof(out->local));
	print_end(row, true, out->remote, sizeof(out->remote));
	return 0;
}

/* A listener is what an end is before it has a socket for the connection. */
void pair_look(struct pair *p, enum end e, struct wire_end *out)
{
	struct sock_diag_row ends = {
		.family = p->family,
		.local = p->address[e],
		.remote = p->address[!e],
		.local_port = p->port[e],
		.remote_port = p->port[!e],
	};

	*out = (struct wire_end){ 0 };
	sock_diag_find(p->diag[e], &ends, keep_end, out, NULL);
	p->had_socket[e] |= out->state != 0 && out->state != STATE_LISTEN;
	if (out->state == STATE_LISTEN && p->had_socket[e])
		*out = (struct wire_end){ 0 };
}

/* ---- whose segment it is */

static void trace_this(struct pair *p, enum end from, const struct segment *seg)
{
	p->known = true;
	p->family = seg->family;
	p->port[from] = seg->from_port;
	p->port[!from] = seg->to_port;
	memcpy(p->address[from], seg->from, sizeof(seg->from));
	memcpy(p->address[!from], seg->to, sizeof(seg->to));
}

/* The first SYN's connection is the one, and those that have the same addresses and ports after it. */
bool pair_has(struct pair *p, enum end from, const struct segment *seg)
{
	if (!p->known && seg->flags & SEGMENT_SYN)
		trace_this(p, from, seg);
	return p->known && seg->family == p->family && seg->from_port == p->port[from] &&
	       seg->to_port == p->port[!from] &&
	       memcmp(seg->from, p->address[from], sizeof(seg->from)) == 0 &&
	       memcmp(seg->to, p->address[!from], sizeof(seg->to)) == 0;
}

bool pair_other_begins(struct pair *p, const struct segment *seg)
{
	if ((seg->flags & (SEGMENT_SYN | SEGMENT_ACK)) != SEGMENT_SYN)
		return false;
	for (unsigned i = 0; i < PAIR_SYNS; i++)
		if (p->syn[i].from_port == seg->from_port &&
		    p->syn[i].to_port == seg->to_port && p->syn[i].seq == seg->seq)
			return false;
	p->syn[p->n_syns++ % PAIR_SYNS] = *seg;
	return true;
}
