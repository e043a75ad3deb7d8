/* report (client) - a run's result as JSON, "twstorm.result/1" (docs/results.md). */
#ifndef TWSTORM_CLIENT_REPORT_H
#define TWSTORM_CLIENT_REPORT_H

#include <jansson.h>

struct client_record;
struct series_row;

/* New reference.  *failed: how many expectations are not true. */
json_t *report_json(struct client_record *run, unsigned *failed);
/* The result as it would be written now, while the workers run: `error.code` is "running".  row: what
 * the series has of now.  The main thread's. */
json_t *report_live(const struct client_record *run, struct series_row *row);
/* A result with every key and no figures, by which expectations are checked at the start. */
json_t *report_skeleton(struct client_record *run);

#endif
