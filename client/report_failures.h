/* report_failures - what of a run's arrivals came to nothing, by kind. */
#ifndef TWSTORM_CLIENT_REPORT_FAILURES_H
#define TWSTORM_CLIENT_REPORT_FAILURES_H

#include <jansson.h>

struct client_record;
struct client_tally;

/* The result's `failures`, new reference: docs/results.md. */
json_t *report_failures(const struct client_record *run, const struct client_tally *sum);

#endif
