#include "client/idle.h"

#include <stdlib.h>

#include "client/plan.h"
#include "client/worker.h"

int idle_init(struct client_worker *w, struct err *err)
{
	size_t n = w->plan->targets.n;

	TAILQ_INIT(&w->idle);
	if (!w->plan->o.pool || n < 2)
		return 0;
	w->idle_of = calloc(n, sizeof(*w->idle_of));
	if (!w->idle_of)
		return err_memory(err);
	for (size_t i = 0; i < n; i++)
		TAILQ_INIT(&w->idle_of[i]);
	return 0;
}

void idle_done(struct client_worker *w)
{
	free(w->idle_of);
	w->idle_of = NULL;
}

void idle_enter(struct slot *s)
{
	struct client_worker *w = s->worker;

	TAILQ_INSERT_HEAD(&w->idle, s, link);
	w->n_idle++;
	if (w->idle_of)
		TAILQ_INSERT_HEAD(&w->idle_of[s->choice.target], s, sibling);
}

void idle_leave(struct slot *s)
{
	struct client_worker *w = s->worker;

	TAILQ_REMOVE(&w->idle, s, link);
	w->n_idle--;
	if (w->idle_of)
		TAILQ_REMOVE(&w->idle_of[s->choice.target], s, sibling);
}

/* An idle connection to another target than the arrival (or the probe) was to have.  If that other target has more than its
 * share of the pool, this connection is closed after the arrival, and its place is free for a target with too few. */
static struct slot *another(struct client_worker *w, bool probe_due)
{
	struct slot *s = TAILQ_LAST(&w->idle, slot_list);
	uint32_t share = w->n_slots / (w->pick.n_present + probe_due);

	if (w->pick.in_flight[s->choice.target] > share)
		s->too_old = true;
	return s;
}

struct slot *idle_choose_by_target(struct client_worker *w)
{
	struct slot *s = NULL, *free = w->backing_off ? NULL : SLIST_FIRST(&w->free);
	bool probe_due = aside_due(&w->aside, w->now_ns);
	uint32_t target;

	if (w->pick.n_present == 0)
		return free ? free : TAILQ_FIRST(&w->idle);
	target = pick_target(&w->pick);
	if (!probe_due)
		s = TAILQ_FIRST(&w->idle_of[target]);
	if (!s && free) {
		s = free;
		s->wanted = target;
	}
	return s ? s : another(w, probe_due);
}
