/* stats - the server's figures as JSON ("twstorm.server/1"): what /stats answers at any time
 * and what -o writes at the end. */
#ifndef TWSTORM_SERVER_STATS_H
#define TWSTORM_SERVER_STATS_H

#include <jansson.h>
#include <stdbool.h>

struct server_run;
struct server_tally;

/* Of all workers; sum is zeroed first. */
void server_tally_sum(const struct server_run *run, struct server_tally *sum);
/* New reference.  fresh: takes a new count of the TCP states first instead of the newest there
 * is.  key: of the client run that asks, for its own counts (books.h); or NULL. */
json_t *server_stats(struct server_run *run, bool fresh, const char *key);
/* A few lines for a person at the end. */
void server_summary(const json_t *stats);

#endif
