#include "common/base/units.h"

#include <errno.h>
#include <string.h>
#include "tests/check_main.h"

#define UNTOUCHED 4711

/* One good or bad number; `error` is part of the sentence, NULL if the text is right. */
struct number_case {
	const char *what, *text;
	uint64_t value;
	const char *error;
};

static void check_number(const struct number_case *c,
			 int (*parse)(const char *, uint64_t *, struct err *))
{
	struct err err = { 0 };
	uint64_t out = UNTOUCHED;
	int ret = parse(c->text, &out, &err);

	if (!c->error) {
		ck_assert_msg(ret == 0 && out == c->value, "%s: %d, %lu, %s", c->what,
			      ret, out, err.text);
		return;
	}
	ck_assert_msg(ret == -EINVAL && err.exit == EXIT_USAGE, "%s: %d", c->what, ret);
	ck_assert_msg(out == UNTOUCHED, "%s: *out was touched", c->what);
	ck_assert_msg(strstr(err.text, c->error), "%s: %s", c->what, err.text);
	ck_assert_int_eq(parse(c->text, &out, NULL), -EINVAL);
}

/* clang-format off */
static const struct number_case counts[] = {
	{ "plain", "64", 64, NULL },
	{ "zero", "0", 0, NULL },
	{ "k is 1000", "20k", 20000, NULL },
	{ "K too", "20K", 20000, NULL },
	{ "M is a million", "3M", 3000000, NULL },
	{ "a fraction that comes out", "1.5k", 1500, NULL },
	{ "leading zeros", "0000000000000000000000000000000064", 64, NULL },
	{ "the largest", "18446744073709551615", UINT64_MAX, NULL },
	{ "one more", "18446744073709551616", 0, "too large for a count" },
	{ "overflow by suffix", "18446744073709552k", 0, "too large" },
	{ "very many digits", "123456789012345678901234567890", 0, "too many digits" },
	{ "a fraction", "1.5", 0, "'1.5' is not a whole number" },
	{ "a fraction too fine for k", "1.2345k", 0, "not a whole number" },
	{ "negative", "-5", 0, "'-5' is negative, expected a count, e.g. 64 or 20k" },
	{ "empty", "", 0, "empty, expected a count, e.g. 64 or 20k" },
	{ "junk", "many", 0, "'many' is not a count, expected e.g. 64 or 20k" },
	{ "trailing junk", "64x", 0, "'64x' is not a count" },
	{ "trailing blank", "64 ", 0, "'64 ' is not a count" },
	{ "leading blank", " 64", 0, "is not a count" },
	{ "plus sign", "+64", 0, "is not a count" },
	{ "hexadecimal", "0x40", 0, "is not a count" },
	{ "point without digits after", "64.", 0, "is not a count" },
	{ "point without digits before", ".5k", 0, "is not a count" },
	{ "two points", "1.5.5k", 0, "is not a count" },
	{ "milli", "5m", 0, "is not a count" },
};
static const struct number_case sizes[] = {
	{ "plain bytes", "16", 16, NULL },
	{ "k is 1024", "4k", 4096, NULL },
	{ "KiB too", "4KiB", 4096, NULL },
	{ "M", "2M", 2 << 20, NULL },
	{ "G", "1G", 1 << 30, NULL },
	{ "half a k", "0.5k", 512, NULL },
	{ "kB could be either", "4kB", 0, "'4kB' is ambiguous" },
	{ "MB as well", "4MB", 0, "'4MB' is ambiguous" },
	{ "not whole bytes", "0.3k", 0, "not a whole number of bytes" },
	{ "overflow", "17179869184G", 0, "too large for a size" },
	{ "empty", "", 0, "expected a size in bytes, e.g. 1500, 4k or 2M" },
	{ "negative", "-1k", 0, "negative" },
	{ "a duration", "10s", 0, "'10s' is not a size in bytes" },
};
static const struct number_case durations[] = {
	{ "nanoseconds", "1ns", 1, NULL },
	{ "microseconds", "200us", 200000, NULL },
	{ "milliseconds", "200ms", 200000000, NULL },
	{ "seconds", "10s", 10000000000, NULL },
	{ "a fraction", "1.5s", 1500000000, NULL },
	{ "minutes", "5m", 300000000000, NULL },
	{ "hours", "1h", 3600000000000, NULL },
	{ "zero needs no unit", "0", 0, NULL },
	{ "zero with one", "0ms", 0, NULL },
	{ "a bare number", "10", 0, "'10' needs a unit, e.g. 10s" },
	{ "a bare fraction", "1.5", 0, "'1.5' needs a unit, e.g. 1.5s" },
	{ "finer than the clock", "0.5ns", 0, "not a whole number of nanoseconds" },
	{ "longer than the clock", "9223372037s", 0, "too large for a duration" },
	{ "negative", "-10s", 0, "'-10s' is negative" },
	{ "empty", "", 0, "empty, expected a duration, e.g. 200ms, 10s or 5m" },
	{ "unknown unit", "10 s", 0, "'10 s' is not a duration" },
	{ "word for a unit", "10sec", 0, "'10sec' is not a duration" },
};
/* clang-format on */

TEST_ROWS(parses_counts, counts)
{
	check_number(row, units_parse_count);
}

TEST_ROWS(parses_sizes, sizes)
{
	check_number(row, units_parse_size);
}

TEST_ROWS(parses_durations, durations)
{
	check_number(row, units_parse_duration);
}

/* clang-format off */
static const struct {
	const char *what, *text;
	double from, to;
	const char *error;
} rates[] = {
	{ "a second", "500/s", 500, 500, NULL },
	{ "k", "20k/s", 20000, 20000, NULL },
	{ "a minute", "90/m", 1.5, 1.5, NULL },
	{ "an hour", "3600/h", 1, 1, NULL },
	{ "a fraction", "0.5/s", 0.5, 0.5, NULL },
	{ "a ramp up", "500/s..20k/s", 500, 20000, NULL },
	{ "a ramp down, units mixed", "1M/s..60/m", 1e6, 1, NULL },
	{ "a bare number", "500", 0, 0, "'500' needs a unit, e.g. 500/s" },
	{ "a bare number with suffix", "20k", 0, 0, "'20k' needs a unit, e.g. 20k/s" },
	{ "half a ramp bare", "500/s..20k", 0, 0, "'20k' needs a unit, e.g. 20k/s" },
	{ "zero", "0/s", 0, 0, "'0/s' is too slow, a rate must be above 0" },
	{ "zero as a beginning", "0/s..5/s", 0, 0, "above 0" },
	{ "too fast", "1.1G/s", 0, 0, "at most 1G/s" },
	{ "very many digits", "1000000000000000000000000000000000000000000000000000/s",
	  0, 0, "at most 1G/s" },
	{ "negative", "-5/s", 0, 0, "'-5/s' is negative" },
	{ "empty", "", 0, 0, "empty, expected a rate, e.g. 500/s, 20k/s or 90/m" },
	{ "ramp to nothing", "5/s..", 0, 0, "empty" },
	{ "ramp from nothing", "..5/s", 0, 0, "empty" },
	{ "three points of a ramp", "1/s..2/s..3/s", 0, 0, "is not a rate" },
	{ "unknown unit", "5/d", 0, 0, "'5/d' is not a rate" },
	{ "unknown suffix", "5x/s", 0, 0, "'5x/s' is not a rate" },
	{ "exponent", "1e5/s", 0, 0, "is not a rate" },
	{ "trailing junk", "5/s!", 0, 0, "is not a rate" },
	{ "only a unit", "/s", 0, 0, "is not a rate" },
};
/* clang-format on */

TEST_ROWS(parses_rates, rates)
{
	struct rate out = { .from = UNTOUCHED, .to = UNTOUCHED };
	struct err err = { 0 };
	int ret = units_parse_rate(row->text, &out, &err);

	if (!row->error) {
		ck_assert_msg(ret == 0 && out.from == row->from && out.to == row->to &&
				      out.typed == row->text,
			      "%s: %d, %g..%g, %s", row->what, ret, out.from, out.to,
			      err.text);
		return;
	}
	ck_assert_msg(ret == -EINVAL && err.exit == EXIT_USAGE, "%s", row->what);
	ck_assert_msg(out.from == UNTOUCHED && out.to == UNTOUCHED, "%s", row->what);
	ck_assert_msg(strstr(err.text, row->error), "%s: %s", row->what, err.text);
}

TEST(groups_digits)
{
	ck_assert_str_eq(units_grouped(0), "0");
	ck_assert_str_eq(units_grouped(999), "999");
	ck_assert_str_eq(units_grouped(28232), "28,232");
	ck_assert_str_eq(units_grouped(UINT64_MAX), "18,446,744,073,709,551,615");
}

/* clang-format off */
static const struct {
	uint64_t n;
	unsigned width;
	const char *text;
} compacts[] = {
	{ 0, 4, "0" }, { 9999, 4, "9999" }, { 10000, 4, "10k" }, { 18122, 4, "18k" },
	{ 18122, 5, "18122" }, { 28500, 4, "29k" }, { 999499, 4, "999k" },
	{ 999500, 4, "1.0M" }, { 999999, 6, "999999" }, { 1000000, 6, "1.0M" },
	{ 1249999, 4, "1.2M" }, { 1250000, 4, "1.3M" }, { 9949999, 4, "9.9M" },
	{ 9950000, 4, "10M" }, { 999499999, 4, "999M" }, { 999500000, 4, "1.0G" },
	{ UINT64_MAX, 4, "18E" },
};
/* clang-format on */

TEST_ROWS(compact_fits_its_column, compacts)
{
	char b[32];

	ck_assert_str_eq(units_compact(row->n, row->width, b, sizeof(b)), row->text);
	ck_assert_uint_le(strlen(b), row->width);
}

CHECK_MAIN("units")
