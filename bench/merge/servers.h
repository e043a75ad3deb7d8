/* servers - results of servers in a merge: each server once, and their counts added. */
#ifndef TWSTORM_BENCH_MERGE_SERVERS_H
#define TWSTORM_BENCH_MERGE_SERVERS_H

#include <jansson.h>
#include "bench/merge/gather.h"

/* Sets `servers` (each of them) and `servers_together` of a merged result, if there are any. */
void servers_tell(const struct gather *g, json_t *doc);
/* Of servers without any rank: a twstorm.server/1 with their sums, `servers`, and all else of the
 * first of them; new reference. */
json_t *servers_alone(const struct gather *g);

#endif
