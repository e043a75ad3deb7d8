#include "client/launch.h"

#include "client/idle.h"
#include "client/plan.h"
#include "client/worker.h"
#include "common/base/clock.h"

#define LAUNCHES_A_TURN 256       /* then the answers to those get their turn */
#define PAUSE_MIN_NS    NS_PER_MS /* after a failed connect ... */
#define PAUSE_MAX_NS    (100 * NS_PER_MS)
#define PAUSE_COSTS     10 /* ... this many times what it cost: a tenth of a core */

uint64_t launch_pause_ns(uint64_t cost_ns)
{
	uint64_t pause = cost_ns * PAUSE_COSTS;

	return pause < PAUSE_MIN_NS ? PAUSE_MIN_NS : clock_sooner(pause, PAUSE_MAX_NS);
}

void launch_back_off(struct client_worker *w, uint64_t now_ns, uint64_t cost_ns)
{
	w->backing_off = true;
	w->resume_ns = now_ns + launch_pause_ns(cost_ns);
}

static uint64_t paced_arrival(struct client_worker *w)
{
	uint64_t intended_ns;

	return pacer_take_arrival(&w->pacer, w->now_ns, &intended_ns) ? intended_ns : 0;
}

/* The intended time of an arrival that may start now; 0 when there is none. */
static inline uint64_t next_arrival(struct client_worker *w)
{
	uint64_t intended_ns;

	if (w->arrivals_left == 0)
		return 0;
	intended_ns = w->paced ? paced_arrival(w) : client_worker_just_now(w);
	if (intended_ns > 0 && w->arrivals_left != UINT64_MAX)
		w->arrivals_left--;
	return intended_ns;
}

void launch_skip_arrivals(struct client_worker *w, uint64_t until_ns)
{
	uint64_t skipped;

	if (!w->paced)
		return;
	skipped = pacer_skip_arrivals(&w->pacer, until_ns);
	if (w->arrivals_left != UINT64_MAX) {
		if (skipped > w->arrivals_left)
			skipped = w->arrivals_left;
		w->arrivals_left -= skipped;
	}
	tally_add(&w->tally.missed_starts, skipped);
}

static void note_busy(struct client_worker *w)
{
	uint64_t busy = w->n_slots - w->n_free - w->n_idle;

	if (busy > tally_get(&w->tally.most_busy))
		tally_set(&w->tally.most_busy, busy);
}

/* While connects fail, one at a time and not before the pause is over; what else was due
 * meanwhile, with no open connection to take it, is missed and not saved up. */
static void probe(struct client_worker *w)
{
	struct slot *s = SLIST_FIRST(&w->free);
	uint64_t intended_ns;

	if (w->now_ns < w->resume_ns || !s)
		return;
	intended_ns = next_arrival(w);
	if (intended_ns > 0) {
		w->resume_ns = w->now_ns + PAUSE_MIN_NS;
		slot_launch(s, intended_ns);
		note_busy(w);
	}
	if (w->n_free == w->n_slots)
		launch_skip_arrivals(w, w->now_ns);
}

/* --prefill: connections that rest before an arrival wants them. */
static void open_pool(struct client_worker *w)
{
	struct slot *s;

	for (unsigned i = 0; i < LAUNCHES_A_TURN && w->to_open > 0 && !w->backing_off &&
			     (s = SLIST_FIRST(&w->free));
	     i++) {
		w->to_open--;
		slot_prefill(s, w->now_ns);
	}
	if (SLIST_EMPTY(&w->free)) /* arrivals have opened the others */
		w->to_open = 0;
}

/* --on-exhaustion stop: after the first connection that found no port nothing more is started,
 * not to another target either. */
static bool has_stopped(const struct client_worker *w)
{
	return atomic_load_explicit(&w->exhausted_stop, memory_order_relaxed);
}

/* The more are started, the more are busy: that is noted once. */
static void start_arrivals(struct client_worker *w)
{
	uint64_t intended_ns;
	unsigned n = 0;

	while (n < LAUNCHES_A_TURN && idle_or_free(w) && !has_stopped(w) &&
	       (intended_ns = next_arrival(w)) > 0) {
		slot_launch(idle_choose(w), intended_ns);
		n++;
	}
	if (n > 0)
		note_busy(w);
}

void launch_due_arrivals(struct client_worker *w)
{
	if (w->now_ns < w->begin_ns)
		return;
	if (w->to_open > 0)
		open_pool(w);
	start_arrivals(w);
	if (w->backing_off && TAILQ_EMPTY(&w->idle))
		probe(w);
}

uint64_t launch_next_ns(const struct client_worker *w)
{
	bool idle = !TAILQ_EMPTY(&w->idle);
	uint64_t at;

	if (w->arrivals_left == 0 || (!idle && SLIST_EMPTY(&w->free)))
		return UINT64_MAX;
	if (w->now_ns < w->begin_ns)
		return w->begin_ns;
	if (w->to_open > 0 && !w->backing_off)
		return w->now_ns;
	at = w->paced ? pacer_next_ns(&w->pacer, w->now_ns) : w->now_ns;
	return !idle && w->backing_off && at < w->resume_ns ? w->resume_ns : at;
}
