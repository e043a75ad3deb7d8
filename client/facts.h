/* facts - reads, before a run, what the port prediction needs to know (common/ports/ports.h): this
 * host's sysctls and port range, and what the plan will do to them. */
#ifndef TWSTORM_CLIENT_FACTS_H
#define TWSTORM_CLIENT_FACTS_H

#include <stdbool.h>
#include "common/base/err.h"

struct addr;
struct client_run;

/* Fills run->facts, but for what only a count of sockets can tell (taken, listeners). */
int facts_gather(struct client_run *run, struct err *err);
/* Adds what the --server-stats connection takes.  After the count of sockets. */
void facts_add_link(struct client_run *run);
/* Does it hold for every target? */
bool facts_all_targets(const struct client_run *run, bool (*is)(const struct addr *));

#endif
