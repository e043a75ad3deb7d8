/* report_fill - connect_by_fill of a client's result: the workers' histograms put together. */
#ifndef TWSTORM_CLIENT_REPORT_FILL_H
#define TWSTORM_CLIENT_REPORT_FILL_H

#include <jansson.h>

struct client_record;

/* Sets connect_by_fill in the result, and its reason where it is null. */
void report_fill(json_t *doc, const struct client_record *run);

#endif
