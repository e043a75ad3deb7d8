#include "common/ports/pick.h"

#include <stdlib.h>

#include "common/base/share.h"
#include "common/base/thread.h"

/* After this many connections targets, sources and mix begin together again. */
static uint64_t block_of(const struct pick_plan *plan)
{
	uint64_t pairs = plan->n_targets * plan->n_sources;

	return pairs / gcd(pairs, plan->mix.total) * plan->mix.total;
}

/* Who may have a port to itself: a source address; with SO_REUSEADDR each target of it. */
static size_t tuple_of(const struct pick_plan *plan, const struct choice *c)
{
	return plan->reuseaddr ? c->source * plan->n_targets + c->target : c->source;
}

static int init_ports(struct pick *p, struct err *err)
{
	const struct pick_plan *plan = &p->plan;
	size_t tuples = plan->n_sources * (plan->reuseaddr ? plan->n_targets : 1);

	p->port = own_ports_share(&plan->own_ports, p->nth, plan->workers, &p->n_ports);
	p->turn = thread_memory(tuples, sizeof(*p->turn));
	p->missed = thread_memory(tuples, sizeof(*p->missed));
	p->had = calloc((tuples * p->n_ports + 63) / 64, sizeof(*p->had));
	return p->turn && p->missed && p->had ? 0 : err_memory(err);
}

/* Each tuple goes through all ports before any comes up again. */
static uint16_t next_port(struct pick *p, const struct choice *c)
{
	uint32_t *turn = &p->turn[tuple_of(&p->plan, c)];
	uint16_t port = p->port[*turn];

	if (++*turn == p->n_ports)
		*turn = 0;
	return port;
}

/* The bit of the port that a tuple had its turn with last. */
static size_t bit_of(const struct pick *p, const struct choice *c)
{
	size_t tuple = tuple_of(&p->plan, c);
	uint32_t next = p->turn[tuple];

	return tuple * p->n_ports + (next ? next : p->n_ports) - 1;
}

void pick_port_had(struct pick *p, const struct choice *c)
{
	size_t bit;

	if (!p->port)
		return;
	bit = bit_of(p, c);
	p->had[bit / 64] |= 1ull << bit % 64;
	p->missed[tuple_of(&p->plan, c)] = 0;
}

bool pick_port_missed(struct pick *p, const struct choice *c)
{
	size_t bit;

	if (!p->port)
		return true;
	bit = bit_of(p, c);
	return (p->had[bit / 64] >> bit % 64 & 1) ||
	       ++p->missed[tuple_of(&p->plan, c)] >= p->n_ports;
}

int pick_init(struct pick *p, const struct pick_plan *plan, unsigned nth, struct err *err)
{
	*p = (struct pick){ .plan = *plan, .nth = nth };
	p->block = block_of(plan);
	rng_seed(&p->rng, plan->seed * 1000003 + nth);
	p->in_flight = thread_memory(plan->n_targets, sizeof(*p->in_flight));
	if (!p->in_flight)
		return err_memory(err);
	return plan->own_ports.at ? init_ports(p, err) : 0;
}

void pick_done(struct pick *p)
{
	free(p->turn);
	free(p->missed);
	free(p->had);
	p->turn = p->missed = NULL;
	p->had = NULL;
	free(p->in_flight);
	p->in_flight = NULL;
}

/* The first of the least busy, beginning at the round-robin place so that ties rotate. */
static uint32_t least_busy(const struct pick *p, uint64_t from)
{
	uint32_t n = (uint32_t)p->plan.n_targets, best = (uint32_t)(from % n);

	for (uint32_t i = 1; i < n && p->in_flight[best]; i++) {
		uint32_t at = (uint32_t)((from + i) % n);

		if (p->in_flight[at] < p->in_flight[best])
			best = at;
	}
	return best;
}

void pick_next(struct pick *p, struct choice *out)
{
	const struct pick_plan *plan = &p->plan;
	/* Workers with ports of their own each go to all targets and sources.  Otherwise the
	 * ports of a worker would stay unused for the targets that it never goes to. */
	uint64_t k = p->k++ * (p->port ? 1 : plan->workers) + p->nth,
		 targets = plan->n_targets;

	switch (plan->spread) {
	case SPREAD_ROUND_ROBIN:
		out->target = (uint32_t)(k % targets);
		break;
	case SPREAD_RANDOM:
		out->target = (uint32_t)rng_below(&p->rng, targets);
		break;
	case SPREAD_LEAST:
		out->target = least_busy(p, k);
		break;
	}
	out->source = (uint32_t)(k / targets % plan->n_sources);
	/* One place further every block, or each target would see one strategy only. */
	out->closing = closing_mix_at(&plan->mix, k + k / p->block);
	p->in_flight[out->target]++;
	out->port = p->port ? next_port(p, out) : 0;
}

void pick_connection_over(struct pick *p, uint32_t target)
{
	p->in_flight[target]--;
}
