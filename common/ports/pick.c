#include "common/ports/pick.h"

#include <stdlib.h>
#include <string.h>

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

void pick_own_port_had(struct pick *p, const struct choice *c)
{
	size_t bit = bit_of(p, c);

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
	*p = (struct pick){ .plan = *plan, .nth = nth, .k = nth, .arrival = nth };
	p->block = block_of(plan);
	rng_seed(&p->rng, plan->seed * 1000003 + nth);
	p->in_flight = thread_memory(plan->n_targets, sizeof(*p->in_flight));
	p->present = thread_memory(plan->n_targets, sizeof(*p->present));
	if (!p->in_flight || !p->present)
		return err_memory(err);
	while (p->n_present < plan->n_targets) {
		p->present[p->n_present] = p->n_present;
		p->n_present++;
	}
	/* Workers with ports of their own each go to all targets and sources.  Otherwise the ports
	 * of a worker would stay unused for the targets that it never goes to. */
	p->step = plan->own_ports.at ? 1 : plan->workers;
	p->varied = plan->n_sources > 1 || plan->mix.n > 1 || plan->own_ports.at;
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
	free(p->present);
	free(p->pairs_out);
	free(p->n_out);
	p->in_flight = p->present = p->n_out = NULL;
	p->pairs_out = NULL;
}

/* The first of the least busy, beginning at the round-robin place so that ties rotate. */
static uint32_t least_busy(const struct pick *p, uint64_t from)
{
	uint32_t n = p->n_present, best = p->present[from % n];

	for (uint32_t i = 1; i < n && p->in_flight[best]; i++) {
		uint32_t at = p->present[(from + i) % n];

		if (p->in_flight[at] < p->in_flight[best])
			best = at;
	}
	return best;
}

static uint32_t random_or_least_busy(struct pick *p, uint64_t k)
{
	if (p->plan.spread == SPREAD_LEAST)
		return least_busy(p, k);
	return p->present[rng_below(&p->rng, p->n_present)];
}

/* Of the k-th connection of all workers. */
static inline uint32_t target_of(struct pick *p, uint64_t k)
{
	if (p->plan.spread == SPREAD_ROUND_ROBIN)
		return p->present[k % p->n_present];
	return random_or_least_busy(p, k);
}

/* What a number is, of all workers; the next is this worker's next. */
static inline uint64_t take(const struct pick *p, uint64_t *number)
{
	uint64_t k = *number;

	*number += p->step;
	return k;
}

static uint64_t pair_of(const struct pick *p, uint32_t target, uint32_t source)
{
	return target * (uint64_t)p->plan.n_sources + source;
}

/* That source, or the next one whose pair is not left out. */
static uint32_t source_from(const struct pick *p, uint32_t target, uint32_t source)
{
	uint64_t pair;

	if (!p->n_out || p->n_out[target] == 0 || !pick_has_source(p, target))
		return source;
	while (pair = pair_of(p, target, source),
	       p->pairs_out[pair / 64] >> pair % 64 & 1)
		if (++source == p->plan.n_sources)
			source = 0;
	return source;
}

/* Of the k-th connection, where there is more than one of anything. */
static void pick_varied(struct pick *p, uint64_t k, struct choice *out)
{
	const struct pick_plan *plan = &p->plan;
	uint64_t round = p->n_present ? p->n_present : 1;

	if (plan->n_sources > 1)
		out->source = source_from(p, out->target,
					  (uint32_t)(k / round % plan->n_sources));
	/* One place further every block, or each target would see one strategy only. */
	if (plan->mix.n > 1)
		out->closing = closing_mix_at(&plan->mix, k + k / p->block);
	if (p->port)
		out->port = next_port(p, out);
}

/* All but the target of the k-th connection. */
static inline void pick_rest(struct pick *p, uint64_t k, struct choice *out)
{
	p->in_flight[out->target]++;
	out->source = 0;
	out->port = 0;
	out->closing = p->plan.mix.part[0].closing;
	if (p->varied)
		pick_varied(p, k, out);
}

void pick_next(struct pick *p, struct choice *out)
{
	uint64_t k = take(p, &p->k);

	out->target = target_of(p, k);
	pick_rest(p, k, out);
}

uint32_t pick_target(struct pick *p)
{
	return target_of(p, take(p, &p->arrival));
}

void pick_for(struct pick *p, uint32_t target, struct choice *out)
{
	out->target = target;
	pick_rest(p, take(p, &p->k), out);
}

/* Its place among those that are present, or where it would be. */
static uint32_t place_of(const struct pick *p, uint32_t target)
{
	uint32_t at = 0;

	while (at < p->n_present && p->present[at] < target)
		at++;
	return at;
}

void pick_leave_out(struct pick *p, uint32_t target)
{
	uint32_t at = place_of(p, target);

	if (at == p->n_present || p->present[at] != target)
		return;
	p->n_present--;
	memmove(&p->present[at], &p->present[at + 1],
		(p->n_present - at) * sizeof(*p->present));
}

void pick_take_in(struct pick *p, uint32_t target)
{
	uint32_t at = place_of(p, target);

	if (at < p->n_present && p->present[at] == target)
		return;
	memmove(&p->present[at + 1], &p->present[at],
		(p->n_present - at) * sizeof(*p->present));
	p->present[at] = target;
	p->n_present++;
}

static bool pairs_made(struct pick *p)
{
	if (p->n_out)
		return true;
	p->pairs_out = calloc((p->plan.n_targets * p->plan.n_sources + 63) / 64,
			      sizeof(*p->pairs_out));
	p->n_out = calloc(p->plan.n_targets, sizeof(*p->n_out));
	if (p->pairs_out && p->n_out)
		return true;
	free(p->pairs_out);
	free(p->n_out);
	p->pairs_out = NULL;
	p->n_out = NULL;
	return false;
}

bool pick_pair_out(struct pick *p, uint32_t target, uint32_t source)
{
	uint64_t pair = pair_of(p, target, source), bit = 1ull << pair % 64;

	if (!pairs_made(p))
		return false;
	p->n_out[target] += !(p->pairs_out[pair / 64] & bit);
	p->pairs_out[pair / 64] |= bit;
	return true;
}

void pick_pair_in(struct pick *p, uint32_t target, uint32_t source)
{
	uint64_t pair = pair_of(p, target, source);

	p->pairs_out[pair / 64] &= ~(1ull << pair % 64);
	p->n_out[target]--;
}
