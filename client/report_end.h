/* report_end - whether a run came to what it set out to do. */
#ifndef TWSTORM_CLIENT_REPORT_END_H
#define TWSTORM_CLIENT_REPORT_END_H

#include <stdbool.h>
#include <stddef.h>

struct client_record;

#define REPORT_WHY 320 /* room for the sentence of report_complete() */
/* Did the run do what it set out to do?  If not, why, as an errno-like word and a sentence. */
bool report_complete(const struct client_record *run, const char **code, char *why,
		     size_t size);

#endif
