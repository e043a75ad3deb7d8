/* drops - which segments a cable loses because the scenario names them: "fin from client, 1st" is the first of each
 * connection.  What the connections were until now is kept in a table that has room for so many; of those beyond it
 * nothing is dropped, and they are counted.  Pure: any segments will do. */
#ifndef TWSTORM_BENCH_WIRE_DROPS_H
#define TWSTORM_BENCH_WIRE_DROPS_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/wire/segment.h"
#include "bench/wire/which.h"
#include "common/base/err.h"

#define DROPS_RULES 8
#define DROPS_TEXT  64
/* Of one cable: 8 MB if all are in use. */
#define DROPS_CONNECTIONS 50000

/* What is asked for. */
struct drops_rules {
	struct drops_rule {
		struct which which;
		char text[DROPS_TEXT]; /* as it was written */
	} at[DROPS_RULES];
	unsigned n;
};

/* Rules with `;` between; "" = none.  -EINVAL with EXIT_USAGE. */
int drops_parse(const char *text, struct drops_rules *out, struct err *err);

/* What came of it. */
struct drops_stats {
	uint64_t dropped;
	uint64_t met
		[DROPS_RULES]; /* segments that a rule meant; several rules may mean one */
	uint64_t connections;  /* were looked at */
	uint64_t beyond;       /* were not: there was no room for them in the table */
};

struct drops;

/* Both are borrowed.  NULL without memory. */
struct drops *drops_new(const struct drops_rules *rules, unsigned room,
			struct drops_stats *stats);
void drops_free(struct drops *d);
/* Of a segment that came in at one end of the cable; true if it is to be lost.  The client is who sent the first SYN. */
bool drops_take(struct drops *d, enum end at, const struct segment *seg);

#endif
