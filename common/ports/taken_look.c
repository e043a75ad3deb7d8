#include "common/ports/taken_look.h"

#include <stdlib.h>
#include <string.h>

#include "common/kernel/port.h"
#include "common/kernel/sides.h"
#include "common/kernel/sock.h"
#include "common/ports/taken_ask.h"
#include "common/ports/taken_settle.h"

#define TIMER_TIME_WAIT 3                /* sock_diag's: the socket is a minisock */
#define NONE            (UINT32_MAX - 1) /* no pool, no source */

struct end {
	struct endpoint at;
	struct endpoint
		from; /* of a target, where the kernel chooses; family 0 = not known */
	uint32_t id;
};

struct taken_look {
	const struct taken_plan *plan; /* borrowed */
	struct end *targets, *sources; /* owned, sorted by at */
	size_t n_sources;
	uint32_t
		any_source; /* id of the source whose address the kernel chooses, or NONE */
	uint32_t pools, span;
	struct port_set remote; /* the targets' ports: turns nearly all others away */
	struct taken_list sockets;
	struct taken found;
};

static const struct end *find(const struct end *ends, size_t n, const struct endpoint *e)
{
	return n ? bsearch(e, ends, n, sizeof(*ends), endpoint_compare) : NULL;
}

/* ---- which of the run's pools a socket is in */

static struct endpoint local_host(const struct sock_diag_row *row)
{
	return endpoint_make(row->family, row->local, 0);
}

static uint32_t source_of(const struct taken_look *l, const struct end *target,
			  const struct sock_diag_row *row)
{
	struct endpoint e = local_host(row);
	const struct end *source = find(l->sources, l->n_sources, &e);

	if (source)
		return source->id;
	if (target->from.family == 0 || endpoint_compare(&target->from, &e) == 0)
		return l->any_source;
	return NONE;
}

/* The pool that the socket takes its port from by its four numbers. */
static uint32_t pool_of(const struct taken_look *l, const struct sock_diag_row *row)
{
	const struct end *target;
	struct endpoint e;
	uint32_t source;

	if (!port_set_has(&l->remote, row->remote_port))
		return NONE;
	e = endpoint_make(row->family, row->remote, row->remote_port);
	target = find(l->targets, l->plan->targets->n, &e);
	source = target ? source_of(l, target, row) : NONE;
	return source == NONE ? NONE : source * l->plan->target_ids + target->id;
}

/* ---- what a socket is */

static bool is_kept(const struct taken_look *l, const struct sock_diag_row *row)
{
	struct endpoint e = endpoint_make(row->family, row->local, row->local_port);

	for (size_t i = 0; i < l->plan->n_kept; i++) {
		struct endpoint kept = endpoint_of(&l->plan->kept[i]);

		if (endpoint_compare(&kept, &e) == 0)
			return true;
	}
	return false;
}

static unsigned by_of(const struct taken_look *l, const struct sock_diag_row *row)
{
	if (row->timer == TIMER_TIME_WAIT)
		return row->state == STATE_TIME_WAIT ? TAKEN_TIME_WAIT : TAKEN_FIN_WAIT2;
	return is_kept(l, row) ? TAKEN_KEPT : TAKEN_SOCKET;
}

static double expires_s(const struct sock_diag_row *row)
{
	return row->timer == TIMER_TIME_WAIT ? row->expires_ms / 1000.0 : 0;
}

static void count_bucket(struct taken_look *l, const struct sock_diag_row *row)
{
	uint32_t end = row->expires_ms / 1000;

	if (row->timer == TIMER_TIME_WAIT)
		l->found.bucket_ends[end < TAKEN_SECONDS ? end : TAKEN_SECONDS - 1]++;
}

static void add(struct taken_look *l, const struct sock_diag_row *row, uint32_t pool,
		unsigned by)
{
	taken_list_add(&l->sockets, pool, row->local_port, by, expires_s(row));
}

/* ---- the three ways: which pools a socket takes its port from, or may take it from */

static bool only_binds(const struct sock_diag_row *row)
{
	return row->state == STATE_LISTEN || row->state == STATE_CLOSE;
}

static void look_connect(struct taken_look *l, const struct sock_diag_row *row)
{
	uint32_t pool = pool_of(l, row);
	unsigned by = by_of(l, row);

	if (only_binds(row))
		add(l, row, 0, by | SOCKET_WIDE | SOCKET_KNOWN);
	else if (pool != NONE)
		add(l, row, pool, by);
	else if (by !=
		 TAKEN_KEPT) /* the program knows of those that bind() was not called */
		add(l, row, 0, by | SOCKET_WIDE);
}

/* Can an address of this family, not that of the run, be one that bind() shares?  The wildcard of
 * either family is both families', but a socket that is bound to an IPv6 address is of IPv6 alone
 * (sk_ipv6only); of a connected one a dump does not tell, so it is taken for one that is not. */
static bool meets_family(const struct taken_look *l, const struct sock_diag_row *row,
			 const struct endpoint *e)
{
	const struct taken_plan *p = l->plan;
	int run = l->n_sources ? l->sources[0].at.family : p->targets->at[0].sa.sa_family;

	if (run == e->family)
		return true;
	if (e->family == AF_INET6 && endpoint_is_wildcard(e))
		return true;
	return l->any_source != NONE && (run == AF_INET6 || !only_binds(row));
}

/* The source that shares an address with the socket; TAKEN_ALL_POOLS if each does. */
static uint32_t shares_with(const struct taken_look *l, const struct sock_diag_row *row)
{
	struct endpoint e = local_host(row);
	const struct end *source = find(l->sources, l->n_sources, &e);

	if (source)
		return source->id;
	if (!meets_family(l, row, &e))
		return NONE;
	if (endpoint_is_wildcard(&e))
		return l->plan->source_ids == 1 ? 0 : TAKEN_ALL_POOLS;
	return l->any_source;
}

static void look_bind(struct taken_look *l, const struct sock_diag_row *row)
{
	uint32_t source = shares_with(l, row);

	if (source != NONE)
		add(l, row, source, by_of(l, row) | SOCKET_WIDE | SOCKET_KNOWN);
}

/* A socket that shares an address with several sources listens, nearly always.  connect() from a
 * bound port takes FIN_WAIT2 again as it does TIME_WAIT (docs/kernel-facts.md#bound-reuse). */
static void look_bind_shared(struct taken_look *l, const struct sock_diag_row *row)
{
	uint32_t source = shares_with(l, row), pool = pool_of(l, row);
	unsigned by = by_of(l, row);
	bool known = row->state == STATE_LISTEN || by == TAKEN_KEPT;

	if (pool != NONE)
		add(l, row, pool, by == TAKEN_FIN_WAIT2 ? TAKEN_TIME_WAIT : by);
	if (source == TAKEN_ALL_POOLS)
		add(l, row, source, by | SOCKET_WIDE | SOCKET_KNOWN);
	else if (source != NONE)
		add(l, row, source * l->span,
		    by | SOCKET_WIDE | (known ? SOCKET_KNOWN : 0));
}

/* Requests come and go with their listener. */
void taken_look_row(const struct sock_diag_row *row, void *look)
{
	static void (*const look_by_way[])(struct taken_look *,
					   const struct sock_diag_row *) = {
		[TAKEN_CONNECT] = look_connect,
		[TAKEN_BIND] = look_bind,
		[TAKEN_BIND_SHARED] = look_bind_shared,
	};
	struct taken_look *l = look;

	count_bucket(l, row);
	if (row->local_port >= l->plan->lo && row->local_port <= l->plan->hi &&
	    row->state != STATE_SYN_RECV)
		look_by_way[l->plan->way](l, row);
}

/* ---- beginning */

static int compare_ends(const void *a, const void *b)
{
	return endpoint_compare(a, b);
}

static void add_targets(struct taken_look *l)
{
	const struct taken_plan *p = l->plan;
	struct addr from = { 0 };

	for (size_t i = 0; i < p->targets->n; i++) {
		const struct addr *to = &p->targets->at[i];
		struct end *end = &l->targets[i];

		/* Many ports of a host have one route. */
		if (l->any_source != NONE &&
		    (i == 0 || !addr_same_host(to, &p->targets->at[i - 1])) &&
		    sock_route(to, NULL, &from) < 0)
			from = (struct addr){ 0 };
		end->at = endpoint_of_target(to);
		end->id = p->target_id[i];
		if (from.len)
			end->from = endpoint_of(&from);
		port_set_add(&l->remote, addr_port(to));
	}
	qsort(l->targets, p->targets->n, sizeof(*l->targets), compare_ends);
}

static void add_sources(struct taken_look *l)
{
	const struct taken_plan *p = l->plan;

	for (size_t i = 0; i < l->n_sources; i++) {
		l->sources[i].at = endpoint_of(&p->sources->at[i]);
		l->sources[i].id = p->source_id[i];
	}
	qsort(l->sources, l->n_sources, sizeof(*l->sources), compare_ends);
}

static void set_pools(struct taken_look *l)
{
	const struct taken_plan *p = l->plan;

	l->n_sources = p->sources ? p->sources->n : 0;
	l->any_source = l->n_sources ? NONE : 0;
	l->pools = p->source_ids * (p->way == TAKEN_BIND ? 1 : p->target_ids);
	l->span = p->way == TAKEN_CONNECT ? l->pools : l->pools / p->source_ids;
}

static void look_free(struct taken_look *l)
{
	free(l->targets);
	free(l->sources);
	free(l->sockets.at);
	free(l);
}

int taken_look_begin(const struct taken_plan *plan, struct taken_look **out,
		     struct err *err)
{
	struct taken_look *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (!l)
		return err_memory(err);
	l->plan = plan;
	set_pools(l);
	l->targets = calloc(plan->targets->n, sizeof(*l->targets));
	l->sources = calloc(l->n_sources + 1, sizeof(*l->sources));
	if (!l->targets || !l->sources) {
		look_free(l);
		return err_memory(err);
	}
	add_targets(l);
	add_sources(l);
	*out = l;
	return 0;
}

int taken_look_end(struct taken_look *l, struct taken *out, struct err *err)
{
	bool no_memory;

	taken_settle(l->plan, l->pools, l->span, &l->sockets, &l->found);
	no_memory = l->sockets.no_memory;
	*out = l->found;
	look_free(l);
	if (no_memory) {
		taken_done(out);
		return err_memory(err);
	}
	return 0;
}
