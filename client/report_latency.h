/* report_latency - latency_us and connect_by_fill of a client's result: the workers' histograms
 * put together. */
#ifndef TWSTORM_CLIENT_REPORT_LATENCY_H
#define TWSTORM_CLIENT_REPORT_LATENCY_H

#include <jansson.h>

struct client_record;

/* Sets both in the result; connect_by_fill_reason where that is null. */
void report_latency(json_t *doc, const struct client_record *run);

#endif
