#include "common/ports/simulate.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/ports/resting.h"

#define NEVER UINT64_MAX

struct sim_worker {
	struct pacer pacer;
	struct pick pick;
	struct resting resting; /* --pool: connections between arrivals */
	struct fifo busy;       /* open connections: when each ends, its target */
	uint64_t places;        /* for more */
	uint64_t arrivals;      /* left */
	uint64_t able_ns;       /* the thread has made its last connection by then */
	uint64_t next_ns;       /* when it does something */
};

struct sim {
	const struct sim_plan *plan;
	struct holding holding;
	struct sim_worker *workers; /* owned */
	uint64_t *at_slow;          /* owned: of each pool, see sim_result */
	uint64_t started;
	bool paced;
	bool slow; /* connect() is, for one pool at least */
	struct sim_result *out;
};

static uint32_t pool_of(const struct sim_plan *plan, const struct choice *c)
{
	uint32_t source = plan->source_id ? plan->source_id[c->source] : c->source;
	uint32_t target = plan->target_id ? plan->target_id[c->target] : c->target;

	return plan->by_target ? source * plan->targets + target : source;
}

static uint64_t later_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* An open loop's connections are at rest when the next arrival comes; or none is. */
static bool reuses_at_once(const struct sim *sim)
{
	return sim->paced && !sim->plan->all_busy;
}

/* When the worker's next arrival can start. */
static uint64_t next_start(const struct sim *sim, const struct sim_worker *w,
			   uint64_t now_ns)
{
	uint64_t at_ns = later_of(now_ns, w->able_ns);

	if (w->arrivals == 0 ||
	    resting_suffices(&w->resting, w->places == 0 || reuses_at_once(sim)))
		return NEVER;
	if (w->places == 0 && resting_is_empty(&w->resting))
		return later_of(at_ns, fifo_next_ns(&w->busy));
	return sim->paced ? pacer_next_ns(&w->pacer, at_ns) : at_ns;
}

static void plan_next(const struct sim *sim, struct sim_worker *w, uint64_t now_ns)
{
	uint64_t start_ns = next_start(sim, w, now_ns);
	uint64_t retire_ns = resting_next_ns(&w->resting);

	w->next_ns = start_ns < retire_ns ? start_ns : retire_ns;
}

static int init_worker(struct sim *sim, unsigned nth, struct err *err)
{
	const struct load *load = sim->plan->load;
	struct sim_worker *w = &sim->workers[nth];
	int r = pick_init(&w->pick, &load->pick, nth, err);

	if (r == 0 && load->pool)
		r = resting_init(&w->resting, load, load_places(load, nth), err);
	if (r < 0)
		return r;
	w->places = load_places(load, nth);
	w->arrivals = load_arrivals(load, nth);
	if (sim->paced)
		load_pacer(load, nth, 0, &w->pacer);
	plan_next(sim, w, 0);
	return 0;
}

static void give_to_others(struct sim *sim)
{
	const struct sim_plan *p = sim->plan;

	for (size_t i = 0; i < p->n_others; i++)
		holding_others(&sim->holding, p->others[i].pool, p->others[i].port,
			       p->others[i].until_ns);
	for (unsigned i = 0; i < p->n_bucket_ends; i++)
		if (p->bucket_ends[i])
			holding_others_buckets(&sim->holding, p->bucket_ends[i],
					       (i + 1) * NS_PER_S);
}

static int init(struct sim *sim, struct err *err)
{
	const struct sim_plan *p = sim->plan;
	uint32_t pools = p->sources * (p->by_target ? p->targets : 1);
	int r;

	sim->holding.life = p->life;
	sim->holding.open_ns = p->load->hold_ns;
	sim->holding.end_ns = p->end_ns;
	sim->holding.buckets_most = p->buckets_most;
	r = holding_init(&sim->holding, pools, p->ports, p->told_apart, err);
	if (r < 0)
		return r;
	give_to_others(sim);
	sim->at_slow = calloc(pools, sizeof(*sim->at_slow));
	sim->workers = calloc(p->load->pick.workers, sizeof(*sim->workers));
	if (!sim->at_slow || !sim->workers)
		return err_memory(err);
	for (unsigned i = 0; i < p->load->pick.workers && r == 0; i++)
		r = init_worker(sim, i, err);
	return r;
}

static void done(struct sim *sim)
{
	for (unsigned i = 0; sim->workers && i < sim->plan->load->pick.workers; i++) {
		pick_done(&sim->workers[i].pick);
		resting_done(&sim->workers[i].resting);
		fifo_done(&sim->workers[i].busy);
	}
	free(sim->workers);
	free(sim->at_slow);
	holding_done(&sim->holding);
}

static enum port_life life_of(const struct sim *sim, const struct choice *c)
{
	return c->closing->together ? sim->plan->of_both : c->closing->client_port;
}

static uint32_t port_of(const struct sim *sim, const struct choice *c)
{
	return sim->plan->told_apart ? c->port - sim->plan->load->pick.own_ports.lo : 0;
}

static void close_connection(struct sim *sim, const struct choice *c, uint64_t now_ns)
{
	holding_close(&sim->holding, pool_of(sim->plan, c), port_of(sim, c),
		      life_of(sim, c), now_ns);
}

/* Its place is free again when its hold is over. */
static void occupy_place(struct sim *sim, struct sim_worker *w, const struct choice *c,
			 uint64_t now_ns)
{
	uint64_t hold_ns = sim->plan->load->hold_ns;

	if (hold_ns == 0) {
		pick_connection_over(&w->pick, c->target);
		return;
	}
	w->places--;
	fifo_add(&w->busy, now_ns + hold_ns, c->target);
}

static void free_places(struct sim_worker *w, uint64_t now_ns)
{
	while (fifo_next_ns(&w->busy) <= now_ns) {
		pick_connection_over(&w->pick, fifo_take(&w->busy));
		w->places++;
	}
}

static void note_exhaustion(struct sim *sim, const struct choice *c, uint64_t now_ns)
{
	sim->out->exhausted = true;
	sim->out->at_ns = now_ns;
	sim->out->target = c->target;
	sim->out->source = c->source;
	sim->out->at_slow = sim->at_slow[pool_of(sim->plan, c)];
}

static bool take_port(struct sim *sim, struct sim_worker *w, const struct choice *c)
{
	struct holding *h = &sim->holding;
	uint32_t pool = pool_of(sim->plan, c), port = port_of(sim, c);

	if (holding_is_full(h, pool, port))
		return false;
	pick_port_had(&w->pick, c);
	holding_begin(h, pool, port);
	sim->started++;
	return true;
}

/* There is none, or it is another socket's: then the next arrival tries the next one.  False = none. */
static bool miss_port(struct sim *sim, struct sim_worker *w, const struct choice *c,
		      uint64_t now_ns)
{
	if (pick_port_missed(&w->pick, c)) {
		note_exhaustion(sim, c, now_ns);
		return false;
	}
	pick_connection_over(&w->pick, c->target);
	return true;
}

static uint64_t calm_cost(const struct sim *sim)
{
	return sim->started <= sim->plan->early ? sim->plan->early_cost_ns
						: sim->plan->cost_ns;
}

/* What the thread needs for this connection, before it can make another.  What it takes once connect() is slow for
 * some pool was measured of all connections together, so it is that of each. */
static uint64_t cost_of(struct sim *sim, const struct choice *c)
{
	uint32_t pool = pool_of(sim->plan, c);
	const uint64_t *from = sim->plan->slow_from;

	if (from && sim->holding.held[pool] >= from[pool]) {
		if (sim->at_slow[pool] == 0)
			sim->at_slow[pool] = sim->started;
		sim->slow = true;
	}
	return sim->slow ? sim->plan->slow_cost_ns : calm_cost(sim);
}

static bool start_connection(struct sim *sim, struct sim_worker *w, uint64_t now_ns)
{
	struct choice c;

	pick_next(&w->pick, &c);
	if (!take_port(sim, w, &c))
		return miss_port(sim, w, &c, now_ns);
	w->able_ns = now_ns + cost_of(sim, &c);
	if (sim->plan->load->pool) {
		w->places--;
		resting_add(&w->resting, &c, now_ns);
		return true;
	}
	close_connection(sim, &c, now_ns);
	occupy_place(sim, w, &c, now_ns);
	return true;
}

/* One transaction's worth on a connection that rests, or on a new one; false = no port. */
static bool serve_arrival(struct sim *sim, struct sim_worker *w, uint64_t now_ns)
{
	w->arrivals--;
	if (!resting_is_empty(&w->resting) && (w->places == 0 || reuses_at_once(sim))) {
		resting_use(&w->resting, now_ns);
		w->able_ns = now_ns + calm_cost(sim);
		return true;
	}
	return start_connection(sim, w, now_ns);
}

/* Those of a pool that have served enough, are too old or rested too long. */
static void retire(struct sim *sim, struct sim_worker *w, uint64_t now_ns)
{
	struct choice c;

	if (!sim->plan->load->pool)
		return;
	while (resting_retire(&w->resting, now_ns, &c)) {
		close_connection(sim, &c, now_ns);
		w->places++;
		occupy_place(sim, w, &c, now_ns);
	}
}

static bool act(struct sim *sim, struct sim_worker *w)
{
	uint64_t now_ns = w->next_ns, intended_ns;
	bool due = true;

	holding_pass(&sim->holding, now_ns);
	free_places(w, now_ns);
	retire(sim, w, now_ns);
	if (next_start(sim, w, now_ns) <= now_ns) {
		if (sim->paced)
			due = pacer_take_arrival(&w->pacer, now_ns, &intended_ns);
		if (due && !serve_arrival(sim, w, now_ns))
			return false;
		retire(sim, w, now_ns);
	}
	plan_next(sim, w, now_ns);
	return true;
}

static struct sim_worker *next_worker(const struct sim *sim)
{
	struct sim_worker *first = sim->workers;

	for (unsigned i = 1; i < sim->plan->load->pick.workers; i++)
		if (sim->workers[i].next_ns < first->next_ns)
			first = &sim->workers[i];
	return first;
}

static void run(struct sim *sim)
{
	uint64_t events = 0;
	struct sim_worker *w;

	while ((w = next_worker(sim))->next_ns < sim->plan->end_ns) {
		if (events++ + sim->holding.released >= sim->plan->most_events) {
			sim->out->too_long = true;
			return;
		}
		if (!act(sim, w))
			return;
	}
}

int simulate(const struct sim_plan *plan, struct sim_result *out, struct err *err)
{
	struct sim sim = {
		.plan = plan,
		.out = out,
		.paced = plan->load->rate.from > 0,
	};
	int r;

	*out = (struct sim_result){ 0 };
	r = init(&sim, err);
	if (r == 0)
		run(&sim);
	out->connections = sim.started;
	out->skipped = sim.holding.skipped;
	out->released = sim.holding.released;
	if (r == 0 && holding_is_broken(&sim.holding))
		r = err_memory(err);
	done(&sim);
	return r;
}
