/* What a cable does to frames: read from a scenario's words, decided by a seed. */
#include "bench/wire/impair.h"

#include <math.h>
#include "common/base/clock.h"
#include "tests/check_main.h"

static const struct {
	const char *key, *value;
	double is; /* < 0: refused */
} words[] = {
	{ "delay", "10ms", 10e6 },
	{ "delay", "", 0 },
	{ "delay", "11s", -1 },
	{ "delay", "10", -1 },
	{ "loss", "1%", 0.01 },
	{ "loss", "0.5%", 0.005 },
	{ "loss", "100%", 1 },
	{ "loss", "101%", -1 },
	{ "loss", "-1%", -1 },
	{ "loss", "1", -1 },
	{ "loss", "nan%", -1 },
	{ "duplicate", "2%", 0.02 },
	{ "reorder", "", 0 },
	{ "rate", "10mbit", 10e6 },
	{ "rate", "500kbit", 500e3 },
	{ "rate", "1gbit", 1e9 },
	{ "rate", "0mbit", -1 },
	{ "rate", "10", -1 },
	{ "rate", "10mbit/s", -1 },
	{ "rate", "", 0 },
	{ "rate", "0.5kbit", -1 },
	{ "rate", "1e300gbit", -1 },
	{ "rate", "nanmbit", -1 },
	{ "seed", "7", 7 },
	{ "seed", "", 0 },
	{ "seed", "-1", -1 },
	{ "seed", "5000000000", -1 },
	{ "delay", "1h", -1 },
};

TEST_ROWS(reads_a_word, words)
{
	struct impair i = { .delay_ns = 1, .loss = 1, .reorder = 1, .bits_per_s = 1 };
	struct err err;
	int r = impair_set(&i, row->key, row->value, &err);
	double got = *row->key == 'd' && row->key[1] == 'e' ? (double)i.delay_ns
		     : *row->key == 'l'                     ? i.loss
		     : *row->key == 's'                     ? (double)i.seed
		     : *row->key == 'd'                     ? i.duplicate
		     : row->key[1] == 'e'                   ? i.reorder
							    : i.bits_per_s;

	ck_assert_msg((r < 0) == (row->is < 0), "%s = %s", row->key, row->value);
	if (r == 0)
		ck_assert_msg(got == row->is, "%s = %s: %g", row->key, row->value, got);
}

TEST(nothing_asked_for_is_nothing_done)
{
	const struct impair none = { 0 };
	struct impaired d;
	struct impair_verdict v;

	ck_assert(!impair_is_set(&none));
	impaired_init(&d, &none, 1);
	v = impaired_judge(&d, 1500, true, 77);
	ck_assert(v.copies == 1 && !v.ahead && v.due_ns == 77);
}

/* Within five standard deviations: once in a million seeds it is not, and the seed is fixed. */
TEST(chance_is_what_was_asked_for)
{
	const struct impair some = {
		.loss = 0.02, .duplicate = 0.05, .reorder = 0.1, .delay_ns = 5
	};
	const double n = 100000;
	double lost = 0, twice = 0, ahead = 0;
	struct impaired d;

	impaired_init(&d, &some, 3);
	for (int i = 0; i < (int)n; i++) {
		struct impair_verdict v = impaired_judge(&d, 60, true, 1000);

		lost += v.copies == 0;
		twice += v.copies == 2;
		ahead += v.copies && v.ahead;
		ck_assert(v.copies == 0 || v.due_ns == (v.ahead ? 1000 : 1005));
	}
	ck_assert(fabs(lost - 0.02 * n) < 5 * sqrt(0.02 * 0.98 * n));
	ck_assert(fabs(twice - 0.05 * 0.98 * n) < 5 * sqrt(0.05 * n));
	ck_assert(fabs(ahead - 0.1 * 0.98 * n) < 5 * sqrt(0.1 * n));
}

TEST(the_same_seed_decides_the_same)
{
	const struct impair some = { .loss = 0.5 };
	struct impaired a, b;

	impaired_init(&a, &some, 9);
	impaired_init(&b, &some, 9);
	for (int i = 0; i < 100; i++)
		ck_assert_uint_eq(impaired_judge(&a, 60, true, 0).copies,
				  impaired_judge(&b, 60, true, 0).copies);
}

TEST(chance_spares_some_frames_and_a_delay_does_not)
{
	const struct impair some = { .loss = 1, .delay_ns = 5 };
	struct impaired d;
	struct impair_verdict v;

	impaired_init(&d, &some, 1);
	v = impaired_judge(&d, 60, false, 10);
	ck_assert(v.copies == 1 && v.due_ns == 15);
}

TEST(what_cannot_happen_is_refused)
{
	struct impair i = { .reorder = 0.1 };
	struct err err;

	ck_assert_int_lt(impair_check(&i, &err), 0);
	ck_assert_int_eq(err.exit, EXIT_USAGE);
	i.delay_ns = 1;
	ck_assert_int_eq(impair_check(&i, &err), 0);
}

/* 1,250 bytes at 10 Mbit/s take a millisecond; an idle line saves nothing up. */
TEST(a_rate_spaces_frames_out)
{
	const struct impair slow = { .bits_per_s = 10e6, .delay_ns = 5 * NS_PER_MS };
	struct impaired d;

	impaired_init(&d, &slow, 1);
	ck_assert_uint_eq(impaired_judge(&d, 1250, true, 0).due_ns, 6 * NS_PER_MS);
	ck_assert_uint_eq(impaired_judge(&d, 1250, true, 0).due_ns, 7 * NS_PER_MS);
	ck_assert_uint_eq(impaired_judge(&d, 1250, true, 100 * NS_PER_MS).due_ns,
			  106 * NS_PER_MS);
}

CHECK_MAIN("impair")
