/* screen_text - what is on the screen of `twstorm states`: a text of lines, made of two counts.  Decides nothing. */
#ifndef TWSTORM_BENCH_STATES_SCREEN_TEXT_H
#define TWSTORM_BENCH_STATES_SCREEN_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/states/count.h"

#define SCREEN_TYPED 64
#define SCREEN_SORTS 5

enum screen_asking { SCREEN_PORTS, SCREEN_STATES, SCREEN_NOTHING };

struct screen_text {
	const struct states_source *source; /* borrowed */
	const struct states_want *want;     /* borrowed */
	struct states_shot shot, before;    /* the newest count, and the one before it */
	uint64_t counted_ns, before_ns;     /* clock_ns(); 0 = there was none */
	uint64_t every_ns, top;
	unsigned
		sort; /* of the ends: by total, ESTABLISHED, TIME_WAIT, CLOSE_WAIT, name */
	char *filter[2]; /* borrowed: of SCREEN_PORTS and SCREEN_STATES; "" = none */
	char typed[SCREEN_TYPED]; /* meanwhile, for what is asked */
	enum screen_asking asking;
	char said[400]; /* what is wrong with it; "" = nothing */
};

/* NULL = none. */
const char *screen_filter(const struct screen_text *t, enum screen_asking what);
/* The ends of the newest count get sorted.  So many lines at most, none cut in a figure; heap, NULL = no memory. */
char *screen_text(struct screen_text *t, unsigned lines, unsigned columns);

#endif
