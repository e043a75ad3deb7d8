/* units - text to and from counts, sizes, durations and rates, as they are typed on a
 * command line.  A bare number where a unit is needed is an error that says so. */
#ifndef TWSTORM_COMMON_BASE_UNITS_H
#define TWSTORM_COMMON_BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"

/* Connections (or anything) a second; from == to unless it is a ramp over the run. */
struct rate {
	double from, to;   /* a second; 0 and 0 = no limit */
	const char *typed; /* borrowed; NULL = nobody typed it */
};

/* All: 0, or -EINVAL with a sentence (exit EXIT_USAGE) and *out untouched. */
/* "64", "20k" (1000), "3M" (1000000). */
int units_parse_count(const char *text, uint64_t *out, struct err *err);
/* Bytes: "16", "4k" (1024), "2M", "1G"; also 4KiB, 4kB is refused as ambiguous. */
int units_parse_size(const char *text, uint64_t *out, struct err *err);
/* "200us", "200ms", "10s", "1.5s", "5m", "1h"; "0" alone is allowed; others need a unit.  At
 * most INT64_MAX, so that a clock reading plus a duration does not wrap. */
int units_parse_duration(const char *text, uint64_t *out_ns, struct err *err);
/* "500/s", "20k/s", "90/m", ramp "500/s..20k/s".  Must be > 0 (from 1e-6/s to 1G/s). */
int units_parse_rate(const char *text, struct rate *out, struct err *err);

/* For people: "28,232".  A result's figures are exact.  A dozen can be used in one printf(). */
const char *units_grouped(uint64_t n);
/* A figure for people: "28,232", "4.001", "0.0131", "1234.5"; returns buf. */
char *units_figure(double n, char *buf, size_t size);
/* For a column of `width` (at least 4): "18122", or where that is too long "18k", "1.2M", rounded
 * half up. */
char *units_compact(uint64_t n, unsigned width, char *buf, size_t size);

#endif
