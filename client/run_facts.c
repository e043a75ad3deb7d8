#include "client/run_facts.h"

#include "client/record.h"
#include "client/server_link.h"
#include "common/base/clock.h"
#include "common/ports/facts.h"
#include "common/talk/closing.h"

bool run_facts_all_targets(const struct client_plan *p, bool (*is)(const struct addr *))
{
	for (size_t i = 0; i < p->targets.n; i++)
		if (!is(&p->targets.at[i]))
			return false;
	return true;
}

/* Does any strategy close() here without knowing that the server has? */
static bool closes_blindly(const struct closing_mix *mix)
{
	bool any = false;

	for (unsigned i = 0; i < mix->n; i++)
		any |= mix->part[i].closing->client_port == PORT_TIME_WAIT &&
		       !mix->part[i].closing->client.wait_eof;
	return any;
}

/* Open loop: the rate is known.  Connections, not transactions, take ports. */
static void describe_load(const struct client_plan *p, struct ports_facts *f)
{
	/* TCP_LINGER2: 0 is the sysctl's time, -1 none at all. */
	if (p->linger == LINGER_FIN_WAIT2 && p->linger_seconds != 0)
		f->fin_timeout_s = p->linger_seconds > 0 ? p->linger_seconds : 0;
	f->time_wait_unsure = p->linger == LINGER_FIN_WAIT2 && p->linger_seconds < 0 &&
			      closes_blindly(&p->mix);
	f->share_time_wait = closing_mix_share(&p->mix, PORT_TIME_WAIT);
	f->share_fin_wait2 = closing_mix_share(&p->mix, PORT_FIN_WAIT2);
	f->share_held = closing_mix_share(&p->mix, PORT_HELD);
	f->open_s = (double)p->o.hold_ns / NS_PER_S;
	f->run_s = (double)p->o.duration_ns / NS_PER_S;
	f->connections = p->arrivals_limit;
	f->concurrency = p->o.concurrency;
	f->pool = p->o.pool;
	if (!p->o.pool) {
		f->rate_from = p->rate.from;
		f->rate_to = p->rate.to;
	}
}

/* bind() takes no port that another socket has, on an address that it would share with it,
 * wherever that one is connected to; connect() minds only those to its own target. */
static bool bind_shuns(const struct client_plan *p, const struct addr *other)
{
	int family = p->targets.at[0].sa.sa_family;

	if (!p->early_bind && !p->own_ports.at)
		return false;
	for (size_t i = 0; i < p->sources.n; i++)
		if (addr_same_host(&p->sources.at[i], other))
			return true;
	/* Any address; that of IPv6 is IPv4's as well. */
	return p->sources.n == 0 && (family == AF_INET6 || family == other->sa.sa_family);
}

void run_facts_add_link(struct client_record *run)
{
	struct ports_facts *f = &run->facts;
	struct addr local;

	if (!run->link || !server_link_local(run->link, &local) ||
	    addr_port(&local) < f->lo || addr_port(&local) > f->hi ||
	    !bind_shuns(&run->plan, &local))
		return;
	/* With SO_REUSEADDR on a port of our choice each target has it once. */
	f->kept = f->own_port && f->reuseaddr ? f->targets : 1;
	f->taken += f->kept;
}

/* The range that connections take their ports from, where it is not the sysctl's. */
static void describe_range(const struct client_plan *p, struct ports_facts *f)
{
	f->own_range = p->port_range != 0;
	f->own_port = p->own_ports.at != NULL;
	if (f->own_range) {
		f->lo = p->port_range & 0xffff;
		f->hi = p->port_range >> 16;
	}
	if (f->own_port) {
		f->lo = p->own_ports.lo;
		f->hi = p->own_ports.hi;
	}
}

void run_facts_of_plan(const struct client_plan *p, struct ports_facts *f)
{
	describe_range(p, f);
	f->early_bind = p->early_bind;
	f->reuseaddr = p->o.reuseaddr;
	f->targets = addr_list_distinct(&p->targets);
	f->sources = p->sources.n ? addr_list_distinct(&p->sources) : 1;
	f->loopback = run_facts_all_targets(p, addr_is_loopback);
	describe_load(p, f);
}

int run_facts_gather(struct client_record *run, struct err *err)
{
	struct ports_facts *f = &run->facts;
	struct host_ports ports;
	int r = facts_read_host("/proc", f, &ports, err);

	if (r < 0)
		return r;
	run_facts_of_plan(&run->plan, f);
	f->reserved = host_ports_reserved(&ports, (uint16_t)f->lo, (uint16_t)f->hi);
	return 0;
}
