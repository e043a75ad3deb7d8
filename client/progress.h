/* progress - one line on stderr now and then while a run lasts: a live line a second on a
 * terminal, plain lines with --interval, none with -q.  Never on stdout. */
#ifndef TWSTORM_CLIENT_PROGRESS_H
#define TWSTORM_CLIENT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct client_record;
struct series_row;

struct progress {
	uint64_t every_ns; /* between lines; 0 = none are wanted */
	unsigned lines;    /* so far */
	bool terminal, colour;
};

void progress_init(struct progress *p, const struct client_record *run);
/* now: the figures so far; before: at the last line. */
void progress_line(struct progress *p, const struct client_record *run,
		   const struct series_row *now, const struct series_row *before);

#endif
