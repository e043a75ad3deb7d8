/* own_counts - what a server's answer has of this run's own connections (`of_run`), which it counts by
 * themselves for a run that asks with a key of its own. */
#ifndef TWSTORM_CLIENT_OWN_COUNTS_H
#define TWSTORM_CLIENT_OWN_COUNTS_H

#include <jansson.h>

#define OWN_KEY 20

/* A key that nobody else has; "" where there is no randomness. */
void own_counts_key(char key[OWN_KEY]);
/* Puts them in the place of those of all clients, which are then at `all`; once. */
void own_counts_take(json_t *answer);
/* Of an answer from before a wait, what is no older than the run: them, whose they are, and where it
 * listens.  New reference, or NULL where it has none. */
json_t *own_counts_alone(const json_t *answer);

#endif
