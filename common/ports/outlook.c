#include "common/ports/outlook.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/ports/lives.h"
#include "common/ports/taken_count.h"
#include "common/ports/traits.h"

/* Beyond that many of the longest lives a run with a steady rate does not change any more. */
#define STEADY_LIVES 2
#define STEADY_S     2
#define ANSWER_NS    (10 * NS_PER_MS) /* of a server that answers at once, at most */
/* By which factor a measured rate may change later. */
#define FASTER 3

static uint64_t in_ns(double s)
{
	return s <= 0 ? 0 : (uint64_t)llround(s * NS_PER_S);
}

/* When a port that somebody has comes free for us. */
static uint64_t free_at_ns(const struct ports_facts *f, const struct taken_port *t,
			   bool longest)
{
	double left_s = t->expires_s - f->taken_ago_s;

	if (t->by == TAKEN_SOCKET || t->by == TAKEN_KEPT)
		return HOLDING_FOR_EVER;
	if (t->by == TAKEN_TIME_WAIT && lives_reuse(f))
		left_s -= PORTS_TIME_WAIT_S - lives_kept_s(f, PORT_TIME_WAIT, longest);
	else if (longest)
		left_s += lives_timer_slack_s(PORTS_TIME_WAIT_S, f->tick_s);
	return in_ns(left_s);
}

static int by_time(const void *a, const void *b)
{
	const struct sim_other *x = a, *y = b;

	return x->until_ns < y->until_ns ? -1 : x->until_ns > y->until_ns;
}

static uint32_t port_index(const struct ports_facts *f, uint16_t port)
{
	return f->own_port ? port - f->lo : 0;
}

/* The ports that are taken at the start.  Those of which the kernel did not tell whether they
 * are bound are held in the longer simulation alone. */
static int list_others(const struct ports_facts *f, bool longest, struct sim_plan *plan,
		       struct sim_other **out, struct err *err)
{
	const struct taken *t = &f->taken;
	size_t more = longest && !f->own_port ? t->unasked : 0, n = 0;
	struct sim_other *at = calloc(t->n + more + 1, sizeof(*at));

	*out = at;
	if (!at)
		return err_memory(err);
	for (size_t i = 0; i < t->n; i++) {
		uint64_t until_ns = free_at_ns(f, &t->at[i], longest);

		if (until_ns > 0)
			at[n++] = (struct sim_other){ t->at[i].pool,
						      port_index(f, t->at[i].port),
						      until_ns };
	}
	for (size_t i = 0; i < more; i++)
		at[n++] = (struct sim_other){ HOLDING_ALL_POOLS, 0, HOLDING_FOR_EVER };
	qsort(at, n, sizeof(*at), by_time);
	plan->others = at;
	plan->n_others = n;
	return 0;
}

/* When the last of what others have ends, except for what a program keeps as long as it wants; their
 * buckets matter if all could be taken. */
static double others_end_s(const struct outlook *look)
{
	const struct taken *t = &look->f->taken;
	uint64_t last_ns = 0, buckets = look->budget->budget;
	unsigned last = 0;

	for (size_t i = 0; i < t->n; i++) {
		uint64_t until_ns = free_at_ns(look->f, &t->at[i], true);

		if (until_ns != HOLDING_FOR_EVER && until_ns > last_ns)
			last_ns = until_ns;
	}
	for (unsigned i = 0; i < TAKEN_SECONDS; i++) {
		buckets += t->bucket_ends[i];
		last = t->bucket_ends[i] ? i + 1 : last;
	}
	return fmax((double)last_ns / NS_PER_S,
		    buckets > look->f->max_tw_buckets ? last : 0);
}

/* With a steady rate nothing new happens once every port has come free a few times, and what
 * others have has ended. */
static double steady_s(const struct outlook *look)
{
	const struct ports_facts *f = look->f;
	const struct load *l = &f->load;
	double s = (double)(l->max_age_ns + l->idle_timeout_ns) / NS_PER_S +
		   STEADY_LIVES * (double)l->hold_ns / NS_PER_S + others_end_s(look) +
		   STEADY_S;

	if (l->arrivals != ARRIVALS_UNIFORM || l->rate.from != l->rate.to)
		return HUGE_VAL;
	for (int life = PORT_TIME_WAIT; life < PORT_LIVES; life++)
		if (trait_leaves(f, (enum port_life)life))
			s += STEADY_LIVES * lives_kept_s(f, (enum port_life)life, true);
	return s;
}

/* When a simulation may end. */
static uint64_t last_ns(const struct outlook *look)
{
	double s = fmin(steady_s(look), (double)look->f->load.duration_ns / NS_PER_S);

	return (uint64_t)fmin(s * NS_PER_S, (double)FIFO_LAST_NS);
}

static void set_costs(const struct ports_facts *f, bool blind, struct sim_plan *plan)
{
	plan->cost_ns = blind ? 1 : in_ns(f->cost_s);
	plan->slow_cost_ns = f->slow_cost_s > 0 ? in_ns(f->slow_cost_s) : plan->cost_ns;
	plan->early_cost_ns = in_ns(f->early_cost_s);
	plan->early = blind ? 0 : f->early;
}

/* connect() first takes ports that have the parity of the range's low end, and bind() the others;
 * once those are gone each call walks over all of them.  When that is, by the ports held of each
 * pool: all of the first parity, and what others have of the second. */
static uint64_t *list_slow(const struct outlook *look, const struct sim_plan *plan)
{
	const struct ports_facts *f = look->f;
	uint64_t ports = plan->ports + f->reserved, half = (ports + !f->early_bind) / 2;
	uint64_t n = look->budget->tuples, *from = calloc(n ? n : 1, sizeof(*from));

	for (uint64_t i = 0; from && i < n; i++)
		from[i] = half - f->reserved / 2;
	for (size_t i = 0; from && i < f->taken.n; i++) {
		const struct taken_port *t = &f->taken.at[i];
		bool second = ((t->port - f->lo) % 2 != 0) != f->early_bind;

		for (uint64_t k = 0; k < n && second; k++)
			from[k] += t->pool == TAKEN_ALL_POOLS || t->pool == k;
	}
	return from;
}

/* Connections that may be open at one time: with a rate, those of the time of an answer. */
static uint64_t open_at_once(const struct ports_facts *f)
{
	uint64_t places = f->load.pool ? f->load.pool : f->load.concurrency;
	double rate = fmax(f->load.rate.from, f->load.rate.to);
	double busy = rate * ANSWER_NS / NS_PER_S + 1;

	return trait_closed_loop(f) || busy > (double)places ? places : (uint64_t)busy;
}

static bool is_crowd(const struct ports_facts *f, const struct ports_prediction *b)
{
	bool even = f->load.pick.spread == SPREAD_ROUND_ROBIN && b->tuples > 0;
	uint64_t n = open_at_once(f);

	return (even ? (n + b->tuples - 1) / b->tuples : n) > b->room;
}

/* Connections that leave nothing behind have their ports for the time of an answer; those that find
 * no bucket for TIME_WAIT until the ACK of their FIN has come. */
static uint64_t answer_ns(const struct outlook *look, bool longest)
{
	if (!longest || trait_closed_loop(look->f))
		return 0;
	if (trait_leaves_nothing(look->f))
		return ANSWER_NS;
	return look->f->max_tw_buckets < look->budget->room ? in_ns(LIVES_LATE_S) : 0;
}

/* Of a closed loop without a rate only the order of connections is known.  What they leave
 * behind is then taken to last for the whole run. */
static void lives_of(const struct outlook *look, bool longest, struct lives *out)
{
	lives_set(look->f, longest, out);
	out->after_ns[PORT_FREE_AT_ONCE] = answer_ns(look, longest);
	for (int i = PORT_TIME_WAIT; look->blind && i < PORT_LIVES; i++)
		if (out->after_ns[i] > 0)
			out->after_ns[i] = HOLDING_FOR_EVER;
}

static uint32_t ports_of_a_pool(const struct outlook *look)
{
	const struct ports_facts *f = look->f;

	return (uint32_t)(f->own_port
				  ? f->hi - f->lo + 1
				  : look->budget->per_tuple + taken_nobodys(&f->taken));
}

static int run(const struct outlook *look, bool longest, uint64_t most_events,
	       uint64_t end_ns, struct sim_result *out, struct err *err)
{
	const struct ports_facts *f = look->f;
	struct sim_plan plan = {
		.load = &f->load,
		.target_id = f->target_id,
		.source_id = f->source_id,
		.targets = f->targets,
		.sources = f->sources,
		.by_target = ports_by_target(f),
		.ports = ports_of_a_pool(look) - (longest && ports_may_lose_one(f)),
		.told_apart = f->own_port,
		/* In turn, one port in TIME_WAIT is enough. */
		.of_both = longest || f->own_port ? PORT_TIME_WAIT : PORT_FREE_AT_ONCE,
		.buckets_most = f->max_tw_buckets,
		.bucket_ends = f->taken.bucket_ends,
		.n_bucket_ends = TAKEN_SECONDS,
		.end_ns = end_ns,
		.all_busy = longest && trait_pool_keeps(look->f),
		.most_events = most_events,
	};
	struct sim_other *others;
	uint64_t *slow_from = NULL;
	int r;

	lives_of(look, longest, &plan.life);
	set_costs(f, look->blind, &plan);
	r = list_others(f, longest, &plan, &others, err);
	if (r == 0 && ports_walks(f)) {
		plan.slow_from = slow_from = list_slow(look, &plan);
		r = slow_from ? 0 : err_memory(err);
	}
	if (r == 0)
		r = simulate(&plan, out, err);
	free(slow_from);
	free(others);
	return r;
}

/* The soonest that a port can come free again, after its connection began. */
static uint64_t shortest_ns(const struct outlook *look)
{
	uint64_t least = UINT64_MAX;
	struct lives lives;

	lives_of(look, false, &lives);
	for (int life = PORT_TIME_WAIT; life < PORT_LIVES; life++)
		if (trait_leaves(look->f, (enum port_life)life) &&
		    lives.after_ns[life] < least)
			least = lives.after_ns[life];
	return least;
}

/* Would shorter lives change anything?  Without a rate all that can be known is that there is no port
 * from the beginning. */
static bool lives_matter(const struct outlook *look)
{
	const struct ports_facts *f = look->f;

	if (look->blind && look->longest.connections > 0)
		return false;
	return look->longest.released > 0 || look->longest.skipped > 0 ||
	       look->longest.at_ns >= shortest_ns(look) || f->taken.n > 0 ||
	       f->taken.unasked > 0 || f->time_wait_unsure || trait_closes_together(f) ||
	       trait_is_luck(f) || lives_reuse(f) || f->load.hold_ns > 0 ||
	       trait_leaves(f, PORT_FREE_AT_ONCE) || trait_pool_keeps(f) ||
	       ports_may_lose_one(f);
}

/* Do the ports sustain the rate, even if it grows? */
static bool sustains_growth(const struct outlook *look)
{
	const struct ports_facts *f = look->f;
	double most = look->budget->max_rate;

	return trait_closed_loop(f) && look->budget->tuples == 1 && f->slow_cost_s <= 0 &&
	       FASTER * f->load.pick.workers <= most * f->cost_s;
}

/* A rate that was measured is what it was until now; if it grew, would the ports run out? */
static int doubt(struct outlook *look, uint64_t most_events, struct err *err)
{
	struct ports_facts faster = *look->f;
	struct outlook then = *look;
	struct sim_result later;
	int r;

	faster.cost_s /= FASTER;
	faster.slow_cost_s /= FASTER;
	faster.early_cost_s /= FASTER;
	then.f = &faster;
	r = run(&then, true, most_events, last_ns(&then), &later, err);
	look->doubtful = r == 0 && (later.exhausted || later.too_long);
	return r;
}

int outlook_make(const struct ports_facts *f, const struct ports_prediction *budget,
		 uint64_t most_events, struct outlook *out, struct err *err)
{
	uint64_t end;
	int r;

	*out = (struct outlook){ .f = f, .budget = budget };
	out->blind = trait_closed_loop(f) && f->cost_s <= 0;
	out->crowd = trait_keeps_nothing(f) && is_crowd(f, budget);
	if (trait_keeps_nothing(f) && trait_closed_loop(f))
		return 0;
	end = last_ns(out);
	r = run(out, true, most_events, end, &out->longest, err);
	out->shortest = out->longest;
	if (r == 0 && out->longest.exhausted && lives_matter(out))
		r = run(out, false, most_events, end, &out->shortest, err);
	if (r == 0 && (f->cost_s > 0 || f->slow_cost_s > 0) && !out->longest.exhausted &&
	    !sustains_growth(out))
		r = doubt(out, most_events, err);
	return r;
}
