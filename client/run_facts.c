#include "client/run_facts.h"

#include "client/record.h"
#include "client/server_link.h"
#include "common/base/clock.h"
#include "common/ports/facts.h"
#include "common/ports/lives.h"
#include "common/ports/taken_look.h"
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

/* TCP_LINGER2: 0 is the sysctl's time, -1 none at all. */
static void describe_linger(const struct client_plan *p, struct ports_facts *f)
{
	if (p->linger == LINGER_FIN_WAIT2 && p->linger_seconds != 0)
		f->fin_timeout_s = p->linger_seconds > 0 ? p->linger_seconds : 0;
	f->time_wait_unsure = p->linger == LINGER_FIN_WAIT2 && p->linger_seconds < 0 &&
			      closes_blindly(&p->mix);
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

int run_facts_of_plan(const struct client_plan *p, struct ports_facts *f, struct err *err)
{
	describe_range(p, f);
	describe_linger(p, f);
	f->early_bind = p->early_bind;
	f->reuseaddr = p->o.reuseaddr;
	f->loopback = run_facts_all_targets(p, addr_is_loopback);
	f->load = client_plan_load(p);
	f->target_id = addr_list_numbers(&p->targets, &f->targets);
	f->sources = 1;
	if (p->sources.n)
		f->source_id = addr_list_numbers(&p->sources, &f->sources);
	return f->target_id && (f->source_id || !p->sources.n) ? 0 : err_memory(err);
}

/* Neither connect() nor own_ports_make() takes a reserved port. */
static bool may_be_local_port(const struct ports_facts *f, const struct host_ports *ports,
			      uint16_t port)
{
	return port >= f->lo && port <= f->hi && !port_set_has(&ports->reserved, port);
}

static bool may_meet_itself(const struct client_plan *p, const struct ports_facts *f,
			    const struct host_ports *ports)
{
	for (size_t i = 0; i < p->targets.n; i++) {
		const struct addr *to = &p->targets.at[i];

		if (may_be_local_port(f, ports, addr_port(to)) && addr_is_local(to))
			return true;
	}
	return false;
}

int run_facts_gather(struct client_record *run, struct err *err)
{
	struct ports_facts *f = &run->facts;
	struct host_ports ports;
	int r = facts_read_host("/proc", f, &ports, err);

	if (r == 0)
		r = run_facts_of_plan(&run->plan, f, err);
	if (r == 0)
		f->reserved =
			host_ports_reserved(&ports, (uint16_t)f->lo, (uint16_t)f->hi);
	if (r == 0)
		run->plan.may_meet_itself = may_meet_itself(&run->plan, f, &ports);
	return r;
}

void run_facts_taken(const struct client_record *run, struct taken_plan *out)
{
	const struct ports_facts *f = &run->facts;

	*out = (struct taken_plan){
		.way = ports_by_target(f) ? TAKEN_CONNECT : TAKEN_BIND,
		.lo = (uint16_t)f->lo,
		.hi = (uint16_t)f->hi,
		.targets = &run->plan.targets,
		.sources = &run->plan.sources,
		.target_id = f->target_id,
		.source_id = f->source_id,
		.target_ids = f->targets,
		.source_ids = f->sources,
		.time_wait_again = lives_reuse(f),
	};
	if (f->own_port && f->reuseaddr)
		out->way = TAKEN_BIND_SHARED;
}
