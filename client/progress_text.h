/* progress_text - the text of the live line: columns that never shift, whatever the figures.
 * Pure: it prints nothing and asks nothing. */
#ifndef TWSTORM_CLIENT_PROGRESS_TEXT_H
#define TWSTORM_CLIENT_PROGRESS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/kernel/tcp_state.h"

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
