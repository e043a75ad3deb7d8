/* run_facts - what a client's plan does to the ports of its host, for the prediction
 * (common/ports/ports.h). */
#ifndef TWSTORM_CLIENT_RUN_FACTS_H
#define TWSTORM_CLIENT_RUN_FACTS_H

#include <stdbool.h>
#include "common/base/err.h"
#include "common/ports/ports.h"

struct addr;
struct client_plan;
struct client_record;

/* Fills run->facts, but for what only a count of sockets can tell (taken, listeners). */
int run_facts_gather(struct client_record *run, struct err *err);
/* Adds what the --server-stats connection takes.  After the count of sockets. */
void run_facts_add_link(struct client_record *run);
/* Adds what the plan does to the facts of a host. */
void run_facts_of_plan(const struct client_plan *p, struct ports_facts *f);
/* Does it hold for every target? */
bool run_facts_all_targets(const struct client_plan *p, bool (*is)(const struct addr *));

#endif
