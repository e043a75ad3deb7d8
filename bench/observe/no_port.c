#include "bench/observe/no_port.h"

#include <string.h>
#include "common/base/clock.h"

int no_port_open(struct no_port *p, struct err *err)
{
	return destroyed_open(&p->destroyed, err);
}

void no_port_close(struct no_port *p)
{
	destroyed_close(&p->destroyed);
}

int no_port_fd(const struct no_port *p)
{
	return destroyed_fd(&p->destroyed);
}

/* ---- events */

static void note_peer(struct no_port *p, const struct endpoint *host, bool exact)
{
	struct no_port_peer *peer = p->peer;

	while (peer < p->peer + p->n &&
	       (peer->exact != exact || endpoint_compare(&peer->host, host) != 0))
		peer++;
	p->found += exact;
	if (peer == p->peer + NO_PORT_ADDRESSES)
		return;
	if (peer == p->peer + p->n)
		p->n++;
	peer->host = *host;
	peer->exact = exact;
	if (!peer->waiting++)
		peer->first_ns = clock_ns();
}

static int take_event(const struct sock_diag_row *row, void *arg)
{
	struct no_port *p = arg;
	struct endpoint host = endpoint_make(row->family, row->remote, 0);

	p->events++;
	if (!row->local_port && !endpoint_is_wildcard(&host))
		note_peer(p, &host, !row->is_six);
	return 0;
}

void no_port_read(struct no_port *p)
{
	destroyed_read(&p->destroyed, take_event, p);
	p->lost = p->destroyed.lost;
}

/* ---- whose they were */

static bool is_full(const struct ends_row *row)
{
	return row->full.budget && tcp_states_total(&row->in_range) >= row->full.budget;
}

/* The only end at that address, or the only one whose ports are all in use; or NULL. */
static struct ends_row *end_of(struct ends *ends, const struct endpoint *host)
{
	struct ends_row *any = NULL, *full = NULL;
	unsigned n_any = 0, n_full = 0;

	for (size_t i = 0; i < ends->n; i++) {
		struct ends_row *row = &ends->at[i];

		if (row->key.kind != ENDS_TO || row->key.end.family != host->family ||
		    memcmp(row->key.end.host, host->host, sizeof(host->host)) != 0)
			continue;
		any = row;
		n_any++;
		if (is_full(row)) {
			full = row;
			n_full++;
		}
	}
	if (n_full == 1)
		return full;
	return n_any == 1 ? any : NULL;
}

static void settle_one(struct no_port *p, struct no_port_peer *peer, struct ends *ends)
{
	struct ends_row *row = end_of(ends, &peer->host);

	if (row && (peer->exact || is_full(row))) {
		if (!row->no_port)
			row->no_port_ns = peer->first_ns;
		row->no_port += peer->waiting;
		fullness_no_port(&row->full, peer->first_ns);
		p->found += peer->exact ? 0 : peer->waiting;
	} else if (!peer->exact) {
		p->others += peer->waiting;
	} else {
		return;
	}
	peer->waiting = 0;
}

void no_port_settle(struct no_port *p, struct ends *ends)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->peer[i].waiting)
			settle_one(p, &p->peer[i], ends);
}

uint64_t no_port_unplaced(const struct no_port *p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < p->n; i++)
		n += p->peer[i].waiting;
	return n;
}
