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
	if (peer == p->peer + NO_PORT_ADDRESSES) {
		p->beyond++;
		return;
	}
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

static bool is_at(const struct ends_row *row, const struct endpoint *host)
{
	return row->key.kind == ENDS_TO && row->key.end.family == host->family &&
	       memcmp(row->key.end.host, host->host, sizeof(host->host)) == 0;
}

/* How many ends at that address had no port left, and one of them; where none had, the ends that there are: of IPv4 alone, of which
 * only a lack of ports looks so. */
static unsigned ends_of(struct ends *ends, const struct no_port_peer *peer,
			struct ends_row **one)
{
	struct ends_row *any = NULL;
	unsigned n_any = 0, n_full = 0;

	for (size_t i = 0; i < ends->n; i++) {
		struct ends_row *row = &ends->at[i];

		if (!is_at(row, &peer->host))
			continue;
		any = row;
		n_any++;
		if (!row->full.is_full && !row->full.was_full)
			continue;
		*one = row;
		n_full++;
	}
	if (n_full || !peer->exact)
		return n_full;
	*one = any;
	return n_any;
}

static void settle_one(struct no_port *p, struct no_port_peer *peer, struct ends *ends)
{
	uint64_t waiting = peer->waiting;
	struct ends_row *row = NULL;
	unsigned n = ends_of(ends, peer, &row);

	peer->waiting = 0;
	if (!peer->exact)
		*(n ? &p->found : &p->others) += waiting;
	if (n > 1 || (peer->exact && !n))
		peer->unplaced += waiting;
	if (n != 1)
		return;
	if (!row->no_port)
		row->no_port_ns = peer->first_ns;
	row->no_port += waiting;
	fullness_no_port(&row->full, peer->first_ns);
}

void no_port_settle(struct no_port *p, struct ends *ends)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->peer[i].waiting)
			settle_one(p, &p->peer[i], ends);
}

uint64_t no_port_unplaced(const struct no_port *p)
{
	uint64_t n = p->beyond;

	for (unsigned i = 0; i < p->n; i++)
		n += p->peer[i].waiting + p->peer[i].unplaced;
	return n;
}

uint64_t no_port_unplaced_at(const struct no_port *p, const struct endpoint *end)
{
	const struct endpoint host = endpoint_make(end->family, end->host, 0);
	uint64_t n = p->beyond;

	for (unsigned i = 0; i < p->n; i++)
		if (endpoint_compare(&p->peer[i].host, &host) == 0)
			n += p->peer[i].waiting + p->peer[i].unplaced;
	return n;
}
