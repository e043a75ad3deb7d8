#include "bench/doctor/look_sides.h"

bool look_sides_in_range(const struct look_sides *s, uint16_t port)
{
	return port >= s->range.lo && port <= s->range.hi;
}

static int count(const struct sock_diag_row *row, void *arg)
{
	struct look_sides *s = arg;

	if (port_set_has(&s->listening, row->local_port))
		return 0;
	s->by_local[row->local_port]++;
	s->by_remote[row->remote_port]++;
	return 0;
}

/* The ports that are to be counted, where they are few ranges; else more than these. */
static void ask_for(const struct look_sides *s, struct sock_diag_query *q)
{
	unsigned n = 0;

	for (unsigned port = 1; port <= 65535; port++) {
		if (look_sides_in_range(s, (uint16_t)port) ||
		    port_set_has(&s->listening, (uint16_t)port))
			continue;
		if (n && q->local[n - 1].hi + 1u == port) {
			q->local[n - 1].hi = (uint16_t)port;
			continue;
		}
		if (n == SOCK_DIAG_RANGES) {
			q->local[n - 1].hi = 65535;
			break;
		}
		q->local[n++] = (struct port_range){ (uint16_t)port, (uint16_t)port };
	}
	q->n_local = n;
}

int look_sides_count(struct look_sides *s, struct sock_diag *diag, struct err *err)
{
	struct sock_diag_query q = { .states = SOCK_DIAG_ALL_STATES &
					       ~(1u << STATE_LISTEN) };

	ask_for(s, &q);
	return q.n_local ? sock_diag_dump(diag, &q, count, s, err) : 0;
}

bool look_sides_is_shared(const struct look_sides *s, const struct sock_diag_row *row)
{
	return row->state != STATE_LISTEN && row->state != STATE_SYN_SENT &&
	       row->state != STATE_SYN_RECV && !look_sides_in_range(s, row->local_port) &&
	       !port_set_has(&s->listening, row->local_port);
}

bool look_sides_is_client(const struct look_sides *s, const struct sock_diag_row *row)
{
	uint32_t local = s->by_local[row->local_port];
	uint32_t remote = s->by_remote[row->remote_port];

	if (row->state == STATE_SYN_SENT || row->state == STATE_SYN_RECV)
		return row->state == STATE_SYN_SENT;
	if (port_set_has(&s->listening, row->local_port))
		return false;
	if (look_sides_in_range(s, row->local_port))
		return true;
	return local != remote ? remote > local
			       : !look_sides_in_range(s, row->remote_port);
}
