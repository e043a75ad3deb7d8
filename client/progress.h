/* progress - one line on stderr now and then while a run lasts: a live line a second on a
 * terminal, plain lines with --interval, none with -q.  Never on stdout. */
#ifndef TWSTORM_CLIENT_PROGRESS_H
#define TWSTORM_CLIENT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/tcp_state.h"

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

/* ---- the text of a line: columns that never shift, whatever the figures */

#define PROGRESS_COLUMNS 77  /* at most, so that the lab can indent a line by two */
#define PROGRESS_ROOM    160 /* for a line with its colours */

struct progress_row {
	double t, rate; /* seconds since the run began; connections a second */
	const struct tcp_states *client, *server; /* borrowed; NULL = not known */
	bool has_ports;
	uint64_t used, budget; /* ports */
	uint64_t errors;       /* since the last line */
};

/* Two lines. */
extern const char progress_heading[];
/* One line without its newline into buf[PROGRESS_ROOM]; colour: the bar by how full it is, and
 * the errors. */
char *progress_text(const struct progress_row *row, bool colour, char *buf);

#endif
