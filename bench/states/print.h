/* print - a count of TCP sockets as text, CSV, netstat's lines or JSON.  Formats
 * only; decides nothing. */
#ifndef TWSTORM_BENCH_STATES_PRINT_H
#define TWSTORM_BENCH_STATES_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "bench/states/count.h"

/* What every format needs. */
struct states_view {
	const struct states_source *source;
	const struct states_want *want;
	const struct states_shot *shot;
	const char *ports_text, *states_text; /* the filters as typed; NULL = none */
	uint64_t top;                         /* groups shown at most */
	bool header; /* the first round, or a page later: say what the columns are */
	bool rounds; /* one of many: a line each where the format has one */
};

void states_print_text(const struct states_view *v, FILE *to);
void states_print_csv(const struct states_view *v, FILE *to);
/* Exactly what `netstat -n | awk '/^tcp/ {++S[$NF]} END {for(a in S) print a, S[a]}'` prints,
 * in the order of the names: no LISTEN, and no state that nobody is in. */
void states_print_netstat(const struct states_view *v, FILE *to);
/* "schema": "twstorm.states/1"; new reference, NULL out of memory. */
json_t *states_json(const struct states_view *v);

#endif
