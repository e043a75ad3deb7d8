/* ladder - a traced connection as text and as JSON: both ends' states on the sides, the segments between them. */
#ifndef TWSTORM_BENCH_WIRE_LADDER_H
#define TWSTORM_BENCH_WIRE_LADDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include "bench/wire/wire.h"

#define TRACE_SCHEMA "twstorm.trace/1"

void ladder_head(FILE *to);
/* One segment and its sentence; with its event, numbers and options if `verbose`. */
void ladder_step(FILE *to, const struct step *s, bool verbose);
/* What is left of the connection at both ends, and what was not shown. */
void ladder_end(FILE *to, const struct wire_trace *t);
/* "twstorm.trace/1" (docs/trace.md), new reference. */
json_t *ladder_json(const struct wire_trace *t);

#endif
