/* live - an admin address of a program that goes on: a thread that serves what the main thread
 * publishes once a second, and looks at nothing else. */
#ifndef TWSTORM_COMMON_ADMIN_LIVE_H
#define TWSTORM_COMMON_ADMIN_LIVE_H

#include <jansson.h>
#include <stdbool.h>

#include "common/base/clock.h"

struct live;

#define LIVE_NS NS_PER_S /* how often a document is published */

/* where, token_file: as of struct admin_plan.  Says on stderr where it listens.  Where that is impossible a warning of `program` says so, and
 * NULL is returned: what it would serve goes on. */
struct live *live_open(const char *program, const char *where, const char *token_file);
/* The same of a program that a lab has started: documents, which are results, go to the lab's page (relay.h).  NULL where
 * no lab serves one. */
struct live *live_inherited(void);
/* The document of now, which is taken over; NULL = none.  last: the result.  l may be NULL. */
void live_publish(struct live *l, json_t *stolen, bool last);
/* Waits, a second at most, until who reads events has the last one.  NULL-safe. */
void live_close(struct live *l);

#endif
