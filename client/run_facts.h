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

/* Fills run->facts, except for what only a look at the sockets can tell (taken). */
int run_facts_gather(struct client_record *run, struct err *err);
/* Adds what the plan does to the facts of a host; borrows the plan's own ports.  0 or -ENOMEM. */
int run_facts_of_plan(const struct client_plan *p, struct ports_facts *f,
		      struct err *err);
struct taken_plan;
/* How to look for what is taken when the run begins; after run_facts_gather().  Borrows the plan
 * and the facts. */
void run_facts_taken(const struct client_record *run, struct taken_plan *out);
/* Does it hold for every target? */
bool run_facts_all_targets(const struct client_plan *p, bool (*is)(const struct addr *));

#endif
