#include "common/ports/ports.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/ports/lives.h"
#include "common/ports/outlook.h"
#include "common/ports/simulate.h"
#include "common/ports/taken_count.h"
#include "common/ports/traits.h"

#define NEAR_SHARE          0.02
#define NEAR_SHARE_MEASURED 0.1
#define NEAR_S              0.02

double ports_near_s(double moment_s, bool measured)
{
	return fmax(NEAR_S, (measured ? NEAR_SHARE_MEASURED : NEAR_SHARE) * moment_s);
}

void ports_facts_done(struct ports_facts *f)
{
	free(f->target_id);
	free(f->source_id);
	taken_done(&f->taken);
	f->target_id = f->source_id = NULL;
}

bool ports_walks(const struct ports_facts *f)
{
	return !f->own_port && (f->early_bind || !f->own_range);
}

/* Ports that the kernel's walk comes by in the long run.  It takes steps of two, and single ones
 * for a connect() with IP_LOCAL_PORT_RANGE.  Of three ports the third is never used.  Any other
 * odd range may lose one port (docs/kernel-facts.md#odd-range); we predict that it does not, which is
 * right more often. */
static uint64_t walked_ports(const struct ports_facts *f)
{
	uint64_t n = f->hi >= f->lo ? f->hi - f->lo + 1 : 0;

	return ports_walks(f) && n == 3 ? 2 : n;
}

static uint64_t without(uint64_t n, uint64_t gone)
{
	return n > gone ? n - gone : 0;
}

bool ports_may_lose_one(const struct ports_facts *f)
{
	return ports_walks(f) && f->hi > f->lo + 2 && (f->hi - f->lo) % 2 == 0;
}

/* A bound port serves one connection of its address, unless SO_REUSEADDR lets several
 * targets share a port that this program chose. */
bool ports_by_target(const struct ports_facts *f)
{
	return !f->early_bind && (!f->own_port || f->reuseaddr);
}

/* How long a connection has its port, on average. */
static double mean_life(const struct ports_facts *f, bool longest)
{
	const struct closing_mix *mix = &f->load.pick.mix;
	double sum = (double)f->load.hold_ns / NS_PER_S;

	for (int life = PORT_TIME_WAIT; life < PORT_LIVES; life++)
		if (closing_mix_share(mix, (enum port_life)life) > 0)
			sum += closing_mix_share(mix, (enum port_life)life) *
			       lives_kept_s(f, (enum port_life)life, longest);
	return sum;
}

/* Ports come in turn, and the next port is taken if its last connection has not let go yet. 
 * So the longest life decides, however rare it is. */
static double longest_life(const struct ports_facts *f)
{
	double most = 0;

	for (int life = PORT_TIME_WAIT; life < PORT_LIVES; life++)
		if (trait_leaves(f, (enum port_life)life))
			most = fmax(most, lives_kept_s(f, (enum port_life)life, true));
	return most + (double)f->load.hold_ns / NS_PER_S;
}

/* Over tcp_max_tw_buckets the kernel skips TIME_WAIT, so the port is free at once: the rate
 * that fills the other ports with open connections, < 0 = none does. */
static double rate_beyond_buckets(const struct ports_facts *f, double room)
{
	double hold_s = (double)f->load.hold_ns / NS_PER_S;

	return hold_s > 0 ? (room - (double)f->max_tw_buckets) / hold_s : -1;
}

static double sustained_rate(const struct ports_facts *f, double room)
{
	double life = f->own_port ? longest_life(f) : mean_life(f, true);
	bool held = trait_leaves(f, PORT_HELD);

	if (mean_life(f, false) <= 0 && life <= 0)
		return -1;
	if (f->load.pool || trait_is_luck(f))
		return -1;
	if (!f->own_port && !held && (double)f->max_tw_buckets < room)
		return rate_beyond_buckets(f, room);
	return room / life;
}

static uint64_t usable_ports(const struct ports_facts *f)
{
	return without(walked_ports(f),
		       f->reserved + (f->own_port ? 0 : taken_nobodys(&f->taken)));
}

void ports_budget(const struct ports_facts *f, struct ports_prediction *out)
{
	uint64_t kept;

	*out = (struct ports_prediction){
		.per_tuple = usable_ports(f),
		.tuples = (uint64_t)f->sources * (ports_by_target(f) ? f->targets : 1),
		.lifetime_s = mean_life(f, false),
		.exhaustion_s = -1,
		.reuse = lives_reuse(f) && trait_leaves(f, PORT_TIME_WAIT),
	};
	out->budget = out->per_tuple * out->tuples;
	out->taken = taken_in_pools(&f->taken, (uint32_t)out->tuples) -
		     (f->own_port ? 0 : taken_nobodys(&f->taken) * out->tuples);
	out->room = without(out->per_tuple, taken_most(&f->taken, false));
	kept = without(out->per_tuple,
		       taken_most(&f->taken, true) + ports_may_lose_one(f) +
			       (f->own_port ? taken_nobodys(&f->taken) : 0));
	out->max_rate = sustained_rate(f, (double)(kept * out->tuples));
}

int ports_predict(const struct ports_facts *f, uint64_t most_events,
		  struct ports_prediction *out, struct err *err)
{
	struct outlook look;
	int r;

	ports_budget(f, out);
	r = outlook_make(f, out, most_events, &look, err);
	if (r < 0)
		return r;
	outlook_tell(&look, out);
	return 0;
}
