/* report (client) - a run's result as JSON, "twstorm.result/1" (docs/results.md). */
#ifndef TWSTORM_CLIENT_REPORT_H
#define TWSTORM_CLIENT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

struct client_record;

/* New reference.  *failed: how many expectations are not true. */
json_t *report_json(struct client_record *run, unsigned *failed);
/* A result with every key and no figures, by which expectations are checked at the start. */
json_t *report_skeleton(struct client_record *run);
#define REPORT_WHY 320 /* room for the sentence of report_complete() */
/* Did the run do what it set out to do?  If not, why, as an errno-like word and a sentence. */
bool report_complete(const struct client_record *run, const char **code, char *why,
		     size_t size);

#endif
