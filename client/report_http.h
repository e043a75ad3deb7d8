/* report_http - the "http" part of a client's result: responses by class, connections reused,
 * who closed them, and how malformed responses were malformed. */
#ifndef TWSTORM_CLIENT_REPORT_HTTP_H
#define TWSTORM_CLIENT_REPORT_HTTP_H

#include <jansson.h>

struct client_record;
struct client_tally;

/* null with --proto raw; new reference. */
json_t *report_http(const struct client_record *run, const struct client_tally *sum);

#endif
