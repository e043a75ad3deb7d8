/* report_ports - the ports' part of a client's result: the budget, what was predicted, what came. */
#ifndef TWSTORM_CLIENT_REPORT_PORTS_H
#define TWSTORM_CLIENT_REPORT_PORTS_H

#include <jansson.h>

struct client_record;
struct client_tally;

/* New reference. */
json_t *report_ports(const struct client_record *run, const struct client_tally *sum);

#endif
