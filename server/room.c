#include "server/room.h"

#include <netinet/in.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/kernel/sock_diag.h"
#include "server/worker.h"

/* How often the kernel is asked who waits: after each pause of a listener, but not for more
 * than one part in ASK_SHARE of the time. */
#define ASK_NS    ((ACCEPT_PAUSE_MS - 10) * NS_PER_MS)
#define ASK_SHARE 20
/* The others may wait behind many of the hog's own, which then take the places of older ones;
 * or with another worker. */
#define SWAPS 256

void room_init(struct room *r)
{
	memset(r, 0, sizeof(*r));
	sock_diag_open(&r->diag, NULL);
}

void room_done(struct room *r)
{
	sock_diag_close(r->diag);
	r->diag = NULL;
}

/* The only candidate for a majority: each that differs from it takes one of its votes away. */
static struct conn *candidate(struct server_worker *w)
{
	struct conn *p, *leader = NULL;
	uint64_t votes = 0;

	TAILQ_FOREACH (p, &w->open, open_link) {
		if (votes == 0)
			leader = p;
		if (addr_same_host(&p->client, &leader->client))
			votes++;
		else
			votes--;
	}
	return leader;
}

static bool find_hog(struct server_worker *w, struct addr *hog)
{
	struct conn *p, *leader = candidate(w);
	uint64_t held = 0;

	if (!leader)
		return false;
	*hog = leader->client;
	TAILQ_FOREACH (p, &w->open, open_link)
		held += addr_same_host(&p->client, hog);
	return 2 * held > tally_get(&w->tally.open);
}

static bool listens_on(const struct addr_list *listens, uint16_t port)
{
	for (size_t i = 0; i < listens->n; i++)
		if (addr_port(&listens->at[i]) == port)
			return true;
	return false;
}

static bool is_from(const struct sock_diag_row *row, const struct addr *host)
{
	struct addr remote = { 0 };

	if (row->family == AF_INET) {
		remote.in.sin_family = AF_INET;
		memcpy(&remote.in.sin_addr, row->remote, 4);
	} else {
		remote = *host; /* its scope, too: the kernel's answer has none */
		remote.in6.sin6_family = AF_INET6;
		memcpy(&remote.in6.sin6_addr, row->remote, 16);
	}
	return addr_same_host(&remote, host);
}

/* A connection nobody has accepted is open and belongs to no descriptor. */
static int count_other(const struct sock_diag_row *row, void *arg)
{
	struct server_worker *w = arg;

	w->room.others += row->inode == 0 && !is_from(row, &w->room.hog) &&
			  listens_on(&w->plan->listens, row->local_port);
	return 0;
}

static void ask_who_waits(struct server_worker *w)
{
	struct sock_diag_query q = { .states = 1u << STATE_ESTABLISHED, .n_local = 1 };

	q.local[0] = (struct port_range){ UINT16_MAX, 0 };
	for (size_t i = 0; i < w->plan->listens.n; i++) {
		uint16_t port = addr_port(&w->plan->listens.at[i]);

		if (port < q.local[0].lo)
			q.local[0].lo = port;
		if (port > q.local[0].hi)
			q.local[0].hi = port;
	}
	if (sock_diag_dump(w->room.diag, &q, count_other, w, NULL) < 0)
		w->room.others = 0;
}

static void look_round(struct server_worker *w, uint64_t now)
{
	struct room *r = &w->room;
	uint64_t pause = ASK_NS, took;

	r->others = 0;
	r->swaps = SWAPS;
	if (r->diag && find_hog(w, &r->hog))
		ask_who_waits(w);
	took = clock_ns() - now;
	if (took * ASK_SHARE > pause)
		pause = took * ASK_SHARE;
	r->next_ns = now + pause;
}

/* One whose close() is on another thread is as good as gone. */
static struct conn *oldest_of(struct server_worker *w, const struct addr *host)
{
	struct conn *p;

	TAILQ_FOREACH (p, &w->open, open_link)
		if (p->state != CONN_LINGER && addr_same_host(&p->client, host))
			return p;
	return NULL;
}

bool room_make(struct server_worker *w)
{
	uint64_t now = clock_ns();
	struct room *r = &w->room;
	struct conn *p;

	if (now >= r->next_ns)
		look_round(w, now);
	p = r->others > 0 && r->swaps > 0 ? oldest_of(w, &r->hog) : NULL;
	if (!p)
		return false;
	r->swaps--;
	conn_end(p, END_MADE_ROOM);
	return true;
}
