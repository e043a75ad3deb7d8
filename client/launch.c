#include "client/launch.h"

#include "client/plan.h"
#include "client/worker.h"
#include "common/clock.h"

#define PAUSE_MIN_NS NS_PER_MS /* after a failed connect ... */
#define PAUSE_MAX_NS (100 * NS_PER_MS)
#define PAUSE_COSTS  10 /* ... this many times what it cost: a tenth of a core */

void launch_back_off(struct client_worker *w, uint64_t now_ns, uint64_t cost_ns)
{
	uint64_t pause = cost_ns * PAUSE_COSTS;

	if (pause < PAUSE_MIN_NS)
		pause = PAUSE_MIN_NS;
	if (pause > PAUSE_MAX_NS)
		pause = PAUSE_MAX_NS;
	w->backing_off = true;
	w->resume_ns = now_ns + pause;
}

/* The intended time of an arrival that may start now; false when there is none. */
static bool next_arrival(struct client_worker *w, uint64_t *intended_ns)
{
	if (w->arrivals_left == 0)
		return false;
	if (w->paced) {
		if (!pacer_take(&w->pacer, w->now_ns, intended_ns))
			return false;
	} else {
		*intended_ns = clock_ns();
	}
	if (w->arrivals_left != UINT64_MAX)
		w->arrivals_left--;
	return true;
}

void launch_skip(struct client_worker *w)
{
	uint64_t skipped;

	if (!w->paced)
		return;
	skipped = pacer_skip(&w->pacer, w->now_ns);
	if (w->arrivals_left != UINT64_MAX) {
		if (skipped > w->arrivals_left)
			skipped = w->arrivals_left;
		w->arrivals_left -= skipped;
	}
	tally_add(&w->tally.missed_starts, skipped);
}

static struct slot *take_slot(struct client_worker *w)
{
	struct slot *s = TAILQ_FIRST(&w->idle);

	if (s) {
		TAILQ_REMOVE(&w->idle, s, link);
		return s;
	}
	s = TAILQ_FIRST(&w->free);
	if (s)
		TAILQ_REMOVE(&w->free, s, link);
	return s;
}

/* How many connections a perfect pool would have needed: as many as were busy at once. */
static void note_busy(struct client_worker *w)
{
	uint64_t busy = w->n_slots - w->in_state[SLOT_FREE] - w->in_state[SLOT_IDLE];

	if (busy > tally_get(&w->tally.pool_busiest))
		tally_set(&w->tally.pool_busiest, busy);
}

static void start_arrival(struct client_worker *w, uint64_t intended_ns)
{
	slot_launch(take_slot(w), intended_ns);
	if (w->plan->pool)
		note_busy(w);
}

static bool any_slot(const struct client_worker *w)
{
	return !TAILQ_EMPTY(&w->idle) || !TAILQ_EMPTY(&w->free);
}

/* While connects fail, one at a time and not before the pause is over; what else was due
 * meanwhile is missed, not saved up. */
static void probe(struct client_worker *w)
{
	uint64_t intended_ns;

	if (w->now_ns < w->resume_ns || !any_slot(w))
		return;
	if (next_arrival(w, &intended_ns)) {
		w->resume_ns = w->now_ns + PAUSE_MIN_NS;
		start_arrival(w, intended_ns);
	}
	launch_skip(w);
}

void launch_due(struct client_worker *w)
{
	uint64_t intended_ns;

	if (w->now_ns < w->begin_ns)
		return;
	for (uint32_t i = 0; i < w->n_slots && !w->backing_off && any_slot(w); i++) {
		if (!next_arrival(w, &intended_ns))
			return;
		start_arrival(w, intended_ns);
	}
	if (w->backing_off)
		probe(w);
}

uint64_t launch_next_ns(const struct client_worker *w)
{
	uint64_t at;

	if (w->arrivals_left == 0 || !any_slot(w))
		return UINT64_MAX;
	if (w->now_ns < w->begin_ns)
		return w->begin_ns;
	at = w->paced ? pacer_next_ns(&w->pacer, w->now_ns) : w->now_ns;
	return w->backing_off && at < w->resume_ns ? w->resume_ns : at;
}
