/* report_errors - what failed, where and when it arose: "errors", "error_times" and "targets" of the
 * result. */
#ifndef TWSTORM_CLIENT_REPORT_ERRORS_H
#define TWSTORM_CLIENT_REPORT_ERRORS_H

#include <jansson.h>

struct client_record;
struct client_tally;

/* Puts all three. */
void report_errors(json_t *doc, const struct client_record *run,
		   const struct client_tally *sum);

#endif
