/* idle - the connections of a pool that rest between arrivals, the latest used first, and which of
 * them the next arrival takes.  With several targets an arrival has its target first, by --spread,
 * and then a connection to that: so a pool spreads over its targets. */
#ifndef TWSTORM_CLIENT_IDLE_H
#define TWSTORM_CLIENT_IDLE_H

#include <stdbool.h>
#include "client/worker.h"
#include "common/base/err.h"

/* -errno with a sentence: memory is out. */
int idle_init(struct client_worker *w, struct err *err);
void idle_done(struct client_worker *w);
/* The slot's connection rests, or does not any more: called by the change of its state alone. */
void idle_enter(struct slot *s);
void idle_leave(struct slot *s);
/* Whether any place is there for an arrival, and which the arrival takes: an idle connection, or a
 * free slot, unless no connection can be opened at present. */
static inline bool idle_or_free(const struct client_worker *w)
{
	return !TAILQ_EMPTY(&w->idle) || (!w->backing_off && !SLIST_EMPTY(&w->free));
}
struct slot *idle_choose_by_target(struct client_worker *w);
static inline struct slot *idle_choose(struct client_worker *w)
{
	struct slot *s = TAILQ_FIRST(&w->idle);

	if (w->idle_of)
		return idle_choose_by_target(w);
	return s || w->backing_off ? s : SLIST_FIRST(&w->free);
}

#endif
