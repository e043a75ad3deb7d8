#include "common/base/units.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "common/base/clock.h"

#define NS_PER_MIN (60 * NS_PER_S)
#define NS_PER_H   (60 * NS_PER_MIN)
/* The product of this many digits and the largest factor (an hour) still fits into 128 bits. */
#define MAX_DIGITS 24
/* Slower than one in eleven days or faster than the clock can tell apart: a typing error. */
#define MIN_RATE 1e-6
#define MAX_RATE 1e9

struct unit {
	const char *suffix;
	uint64_t factor;
};

/* What is being read: how the sentences call it, the suffixes it may have. */
struct kind {
	const char *what, *example, *whole;
	uint64_t max;
	const struct unit *units; /* ended by a factor of 0 */
};

/* clang-format off */
static const struct unit decimal_units[] = {
	{ "", 1 }, { "k", 1000 }, { "K", 1000 }, { "M", 1000000 }, { "G", 1000000000 }, { 0 },
};
static const struct unit byte_units[] = {
	{ "", 1 },
	{ "k", 1 << 10 }, { "K", 1 << 10 }, { "KiB", 1 << 10 },
	{ "M", 1 << 20 }, { "MiB", 1 << 20 },
	{ "G", 1 << 30 }, { "GiB", 1 << 30 },
	{ 0 },
};
static const struct unit time_units[] = {
	{ "ns", 1 },        { "us", NS_PER_US },  { "ms", NS_PER_MS },
	{ "s",  NS_PER_S }, { "m", NS_PER_MIN },  { "h",  NS_PER_H },
	{ 0 },
};
static const struct unit per_units[] = { /* seconds */
	{ "/s", 1 }, { "/m", 60 }, { "/h", 3600 }, { 0 },
};

static const struct kind a_count = {
	"a count", "64 or 20k", "number", UINT64_MAX, decimal_units,
};
static const struct kind a_size = {
	"a size in bytes", "1500, 4k or 2M", "number of bytes", UINT64_MAX, byte_units,
};
/* The maximum leaves room to add a duration to a clock reading. */
static const struct kind a_duration = {
	"a duration", "200ms, 10s or 5m", "number of nanoseconds", INT64_MAX, time_units,
};
/* clang-format on */

/* A number as typed: mantissa / 10^decimals, then whatever follows it. */
struct number {
	unsigned __int128 mantissa;
	unsigned digits, decimals;
	const char *rest;
};

static void take_digits(struct number *n)
{
	for (; isdigit((unsigned char)*n->rest); n->rest++) {
		if (n->digits < MAX_DIGITS)
			n->mantissa = n->mantissa * 10 + (unsigned)(*n->rest - '0');
		n->digits +=
			n->digits > 0 || *n->rest != '0'; /* leading zeros are free */
	}
}

/* "12", "1.5": digits with at most one point, which has digits on both sides. */
static bool scan_number(const char *text, struct number *n)
{
	const char *point;

	*n = (struct number){ .rest = text };
	take_digits(n);
	if (n->rest == text)
		return false;
	if (*n->rest != '.' || !isdigit((unsigned char)n->rest[1]))
		return true;
	point = n->rest++;
	take_digits(n);
	n->decimals = (unsigned)(n->rest - point) - 1;
	return true;
}

static const struct unit *find_unit(const struct unit *units, const char *suffix)
{
	for (; units->factor; units++)
		if (strcmp(units->suffix, suffix) == 0)
			return units;
	return NULL;
}

static int not_a(const struct kind *kind, const char *text, struct err *err)
{
	if (!*text)
		return err_usage(err, "empty, expected %s, e.g. %s", kind->what,
				 kind->example);
	if (*text == '-')
		return err_usage(err, "'%.60s' is negative, expected %s, e.g. %s", text,
				 kind->what, kind->example);
	return err_usage(err, "'%.60s' is not %s, expected e.g. %s", text, kind->what,
			 kind->example);
}

/* *out = mantissa / 10^decimals * factor, which must come out whole and fit. */
static int scale(const struct kind *kind, const char *text, const struct number *n,
		 uint64_t factor, uint64_t *out, struct err *err)
{
	unsigned __int128 value = n->mantissa * factor, divisor = 1;
	unsigned i;

	if (n->digits > MAX_DIGITS || n->decimals > MAX_DIGITS)
		return err_usage(err, "'%.60s' has too many digits for %s", text,
				 kind->what);
	for (i = 0; i < n->decimals; i++)
		divisor *= 10;
	if (value % divisor)
		return err_usage(err, "'%.60s' is not a whole %s", text, kind->whole);
	if (value / divisor > kind->max)
		return err_usage(err, "'%.60s' is too large for %s", text, kind->what);
	*out = (uint64_t)(value / divisor);
	return 0;
}

static int parse(const struct kind *kind, const char *text, uint64_t *out,
		 struct err *err)
{
	const struct unit *unit;
	struct number n;

	if (!scan_number(text, &n))
		return not_a(kind, text, err);
	unit = find_unit(kind->units, n.rest);
	if (!unit)
		return not_a(kind, text, err);
	return scale(kind, text, &n, unit->factor, out, err);
}

int units_parse_count(const char *text, uint64_t *out, struct err *err)
{
	return parse(&a_count, text, out, err);
}

/* kB is 1000 to some and 1024 to others; we ask. */
static bool is_ambiguous_size(const char *suffix)
{
	return suffix[0] && strchr("kKmMgG", suffix[0]) &&
	       (strcmp(suffix + 1, "B") == 0 || strcmp(suffix + 1, "b") == 0);
}

int units_parse_size(const char *text, uint64_t *out, struct err *err)
{
	struct number n;

	if (scan_number(text, &n) && is_ambiguous_size(n.rest))
		return err_usage(
			err,
			"'%.60s' is ambiguous (powers of 1000 or of 1024), write 4k "
			"or 4KiB for 4096 bytes, 4000 for 4000",
			text);
	return parse(&a_size, text, out, err);
}

int units_parse_duration(const char *text, uint64_t *out_ns, struct err *err)
{
	struct number n;

	if (!scan_number(text, &n) || *n.rest)
		return parse(&a_duration, text, out_ns, err);
	if (n.digits == 0) { /* nothing but zeros */
		*out_ns = 0;
		return 0;
	}
	return err_usage(err, "'%.60s' needs a unit, e.g. %.60ss", text, text);
}

static int not_a_rate(const char *text, struct err *err)
{
	const struct kind a_rate = { .what = "a rate",
				     .example = "500/s, 20k/s or 90/m" };
	struct number n;

	if (scan_number(text, &n) && find_unit(decimal_units, n.rest))
		return err_usage(err, "'%.60s' needs a unit, e.g. %.60s/s", text, text);
	return not_a(&a_rate, text, err);
}

/* One end of a ramp, "20k/s"; text is the whole of it. */
static int parse_one_rate(const char *text, double *out, struct err *err)
{
	const char *slash = strchr(text, '/');
	const struct unit *unit, *per;
	char suffix[4] = "";
	struct number n;
	double value;

	if (!slash || !scan_number(text, &n) || slash < n.rest || slash - n.rest > 3)
		return not_a_rate(text, err);
	memcpy(suffix, n.rest, (size_t)(slash - n.rest));
	unit = find_unit(decimal_units, suffix);
	per = find_unit(per_units, slash);
	if (!unit || !per)
		return not_a_rate(text, err);
	value = strtod(text, NULL) * (double)unit->factor / (double)per->factor;
	if (value < MIN_RATE)
		return err_usage(
			err, "'%.60s' is too slow, a rate must be above 0, e.g. 500/s",
			text);
	if (value > MAX_RATE)
		return err_usage(err, "'%.60s' is too fast, at most 1G/s", text);
	*out = value;
	return 0;
}

int units_parse_rate(const char *text, struct rate *out, struct err *err)
{
	const char *dots = strstr(text, "..");
	struct rate r = { .typed = text };
	char from[64];
	int ret;

	if (!dots) {
		ret = parse_one_rate(text, &r.from, err);
		r.to = r.from;
	} else {
		snprintf(from, sizeof(from), "%.*s", (int)(dots - text), text);
		ret = parse_one_rate(from, &r.from, err);
		if (ret == 0)
			ret = parse_one_rate(dots + 2, &r.to, err);
	}
	if (ret == 0)
		*out = r;
	return ret;
}

const char *units_grouped(uint64_t n)
{
	static _Thread_local char bufs[12][32];
	static _Thread_local unsigned next;
	char digits[24], *buf = bufs[next++ % 12];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), o = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf[o++] = ',';
		buf[o++] = digits[i];
	}
	buf[o] = '\0';
	return buf;
}

/* n in thousands, or millions, ...: the least unit of which there are no more than 999. */
static double thousands(uint64_t n, unsigned *unit)
{
	double v = (double)n;

	for (*unit = 0; v >= 999.5; ++*unit)
		v /= 1000;
	return v;
}

char *units_compact(uint64_t n, unsigned width, char *buf, size_t size)
{
	unsigned unit;
	double v;

	if (snprintf(buf, size, "%llu", (unsigned long long)n) <= (int)width)
		return buf;
	v = thousands(n, &unit);
	/* Half up, so that equal figures look equal; 9.95 is 10 already. */
	if (v < 9.95)
		snprintf(buf, size, "%.1f%c", floor(v * 10 + 0.5) / 10, " kMGTPE"[unit]);
	else
		snprintf(buf, size, "%.0f%c", floor(v + 0.5), " kMGTPE"[unit]);
	return buf;
}

char *units_figure(double n, char *buf, size_t size)
{
	if (n >= 0 && n < 1e15 && n == floor(n))
		snprintf(buf, size, "%s", units_grouped((uint64_t)n));
	else
		snprintf(buf, size,
			 fabs(n) < 0.1    ? "%.4f"
			 : fabs(n) < 1000 ? "%.3f"
					  : "%.1f",
			 n);
	return buf;
}
