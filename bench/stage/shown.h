/* shown - what a process says, as a terminal would show it; and, bounded since a program may flood, for a person while it
 * runs. */
#ifndef TWSTORM_BENCH_STAGE_SHOWN_H
#define TWSTORM_BENCH_STAGE_SHOWN_H

#define SHOWN_LINES 1000

struct shown {
	unsigned lines;
};

/* What a terminal would have of this line in the end: a line of progress is written over and over. */
char *shown_as_left(char *line);
/* On stderr; behind SHOWN_LINES of them one sentence, and nothing more. */
void shown_line(struct shown *s, const char *line);

#endif
