/* doc_value - what may not be known, as JSON. */
#ifndef TWSTORM_BENCH_DOCTOR_DOC_VALUE_H
#define TWSTORM_BENCH_DOCTOR_DOC_VALUE_H

#include <jansson.h>
#include "bench/doctor/reading.h"
#include "common/base/utf8.h"

static inline json_t *number(struct maybe n)
{
	return n.known ? json_integer((json_int_t)n.n) : json_null();
}

static inline json_t *seconds(struct maybe ms)
{
	return ms.known ? json_real((double)ms.n / 1000) : json_null();
}

/* NULL and "" are null. */
static inline json_t *text(const char *t)
{
	return t && *t ? utf8_json(t) : json_null();
}

static inline json_t *percent(uint64_t n, uint64_t of)
{
	return of ? json_real(100.0 * (double)n / (double)of) : json_null();
}

#endif
