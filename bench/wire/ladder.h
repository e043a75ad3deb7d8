/* ladder - a traced connection as text and as JSON: both ends' states on the sides, the segments between them. */
#ifndef TWSTORM_BENCH_WIRE_LADDER_H
#define TWSTORM_BENCH_WIRE_LADDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "bench/wire/wire.h"

#define TRACE_SCHEMA "twstorm.trace/1"

/* Both ends' states and the segment, without the time and without blanks at the end: by this ladders are compared.
 * Returns buf. */
#define LADDER_LINE 100
const char *ladder_line(const struct step *s, char buf[LADDER_LINE]);
const char *ladder_end_line(uint8_t client, uint8_t server, char buf[LADDER_LINE]);

void ladder_head(FILE *to);
/* One segment and its sentence; with its event, numbers and options if `verbose`. */
void ladder_step(FILE *to, const struct step *s, bool verbose);
/* What is left of the connection at both ends, and what was not shown. */
void ladder_end(FILE *to, const struct wire_trace *t);
/* "twstorm.trace/1" (docs/trace.md), new reference. */
json_t *ladder_json(const struct wire_trace *t);

#endif
