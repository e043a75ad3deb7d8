/* idle - the connections of a pool that rest between arrivals, the latest used first, and which of
 * them the next arrival takes.  With several targets an arrival has its target first, by --spread,
 * and then a connection to that: so a pool spreads over its targets. */
#ifndef TWSTORM_CLIENT_IDLE_H
#define TWSTORM_CLIENT_IDLE_H

#include <stdbool.h>
#include "common/base/err.h"

struct client_worker;
struct slot;

/* -errno with a sentence: memory is out. */
int idle_init(struct client_worker *w, struct err *err);
void idle_done(struct client_worker *w);
/* The slot's connection rests, or does not any more: called by the change of its state alone. */
void idle_enter(struct slot *s);
void idle_leave(struct slot *s);
/* Whether any place is there for an arrival, and which the arrival takes: an idle connection, or a
 * free slot, unless no connection can be opened at present. */
bool idle_or_free(const struct client_worker *w);
struct slot *idle_choose(struct client_worker *w);

#endif
