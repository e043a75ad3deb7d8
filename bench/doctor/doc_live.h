/* doc_live - what only a live look knows, as JSON; all null where a text was read. */
#ifndef TWSTORM_BENCH_DOCTOR_DOC_LIVE_H
#define TWSTORM_BENCH_DOCTOR_DOC_LIVE_H

#include <jansson.h>
#include "bench/doctor/facts.h"

/* Puts its keys into `facts`. */
void doc_live_facts(json_t *facts, const struct facts *f);
/* The list `failing`. */
json_t *doc_live_failing(const struct facts *f);

#endif
