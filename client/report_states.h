/* report_states - how many sockets were in which state, on each side: the most and the last count,
 * what was there before, and of TIME_WAIT what the run itself brought. */
#ifndef TWSTORM_CLIENT_REPORT_STATES_H
#define TWSTORM_CLIENT_REPORT_STATES_H

#include <jansson.h>

struct books_server;
struct client_record;
struct client_tally;

/* New reference. */
json_t *report_states(const struct client_record *run, const struct client_tally *sum,
		      const struct books_server *server);

#endif
