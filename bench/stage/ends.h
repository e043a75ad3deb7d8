/* ends - what is known of each part's end: how it came, what it cost, and, where a port was in use
 * already, who has it.  That is looked up at once, since it is gone soon. */
#ifndef TWSTORM_BENCH_STAGE_ENDS_H
#define TWSTORM_BENCH_STAGE_ENDS_H

#include "bench/stage/netns.h"
#include "bench/stage/part.h"
#include "bench/stage/stage.h"

/* Looks at those that have ended since the last look; the calling thread may enter a host. */
void ends_look(struct part *parts, const struct netns *net, struct stage *s);
/* All of it, once everything is over. */
void ends_report(const struct part *parts, struct stage *s);

#endif
