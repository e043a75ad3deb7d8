/* progress - one line on stderr now and then while a run lasts: on a terminal a line that stays and is
 * written anew every second, plain lines with --interval or where the cursor cannot be moved, none with -q.
 * Never on stdout. */
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
	bool stays; /* the line is written over the one before */
};

void progress_init(struct progress *p, const struct client_record *run);
/* now: the figures so far; before: at the last line. */
void progress_line(struct progress *p, const struct client_record *run,
		   const struct series_row *now, const struct series_row *before);

/* What is written next begins a line of its own. */
void progress_end(struct progress *p);

/* ---- the text of a line: columns that never shift, whatever the figures */

#define PROGRESS_COLUMNS 77  /* at most, so that the lab can indent a line by two */
#define PROGRESS_ROOM    160 /* for a line with its colours */

/* Two lines. */
extern const char progress_heading[];
/* One line without its newline into buf[PROGRESS_ROOM]: the figures so far, what came since
 * `before`, and how full the budget of ports is.  coloured: the bar by that, and the errors. */
char *progress_text(const struct series_row *now, const struct series_row *before,
		    uint64_t budget, bool coloured, char *buf);

#define PROGRESS_WIDEST 110
/* The line that stays, the most important first: whole parts, as many as fit into `columns`, of which
 * PROGRESS_WIDEST are used at most.  gone_s: when the ports are predicted to be gone, in seconds since the run began; negative =
 * not in this run, or not known. */
char *progress_stay(const struct series_row *now, const struct series_row *before,
		    uint64_t budget, double gone_s, unsigned columns, bool coloured,
		    char *buf);

#endif
