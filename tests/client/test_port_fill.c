/* connect() by how full the ports are: the band, and the estimate between two counts. */
#include "client/port_fill.h"

#include "common/kernel/sampler.h"
#include "tests/check_main.h"

static _Atomic uint64_t word;

/* The nth tick, after so many dumps. */
static void count(uint64_t dumps, uint64_t nth, uint64_t in_use)
{
	word = dumps << (64 - SAMPLER_DUMPS_BITS) | nth << SAMPLER_PORTS_BITS | in_use;
}

/* clang-format off */
static const struct {
	const char *what;
	uint64_t in_use, budget;
	unsigned band;
} bands[] = {
	{ "none", 0, 1000, 0 },
	{ "just below a tenth", 99, 1000, 0 },
	{ "a tenth", 100, 1000, 1 },
	{ "half", 500, 1000, 5 },
	{ "all but one", 999, 1000, 9 },
	{ "all", 1000, 1000, 9 },
	{ "more than all", 123456, 1000, 9 },
	{ "of one port", 0, 1, 0 },
	{ "one of one", 1, 1, 9 },
	{ "two of three", 2, 3, 6 },
	{ "a million targets", 1000000ull * 28232 / 2, 1000000ull * 28232, 5 },
};
/* clang-format on */

TEST_ROWS(tenths_of_the_budget, bands)
{
	ck_assert_msg(port_fill_band(row->in_use, row->budget) == row->band,
		      "%s: band %u", row->what, port_fill_band(row->in_use, row->budget));
}

/* Values in one band. */
static uint64_t in_band(const struct port_fill *f, unsigned i)
{
	uint64_t ns;

	return hist_so_far(&f->band[i], &ns);
}

static uint64_t recorded(const struct port_fill *f)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < PORT_FILL_BANDS; i++)
		n += in_band(f, i);
	return n;
}

/* n connections, each closed before the next begins. */
static void connect_and_close(struct port_fill *f, int n, enum port_life life)
{
	for (int i = 0; i < n; i++) {
		port_fill_record(f, 0, 1000);
		port_fill_closed(f, life);
	}
}

/* Two workers: what one of them takes stands for two ports. */
TEST(counts_on_between_two_counts)
{
	struct port_fill f;

	count(2, 1, 0);
	port_fill_begin(&f, &word, 100, 2);
	connect_and_close(&f, 50, PORT_TIME_WAIT);
	for (unsigned i = 0; i < PORT_FILL_BANDS; i++)
		ck_assert_uint_eq(in_band(&f, i), 5);
	count(2, 2, 20); /* ports came free meanwhile */
	connect_and_close(&f, 1, PORT_TIME_WAIT);
	ck_assert_uint_eq(in_band(&f, 2), 6);
	count(2, 3, 20); /* the same number again, but counted anew */
	connect_and_close(&f, 5, PORT_TIME_WAIT);
	ck_assert_uint_eq(in_band(&f, 2), 11);
	ck_assert_uint_eq(recorded(&f), 56);
	port_fill_done(&f);
}

/* Held connections: the ticks, which count TIME_WAIT alone, do not see them, a dump does. */
TEST(what_is_held_counts_on_until_a_dump)
{
	struct port_fill f;

	count(2, 1, 0);
	port_fill_begin(&f, &word, 100, 1);
	for (unsigned i = 0; i < 60; i++) {
		count(2, 1 + i / 7, 0);
		port_fill_record(&f, i, 1000);
	}
	for (unsigned i = 60; i < 100; i++) {
		count(4, 1 + i / 7, 58); /* two were closed, in the dump's time */
		port_fill_record(&f, i - 2, 1000);
	}
	for (unsigned i = 0; i < PORT_FILL_BANDS; i++)
		ck_assert_uint_eq(in_band(&f, i), i == 5 ? 12 : i == 9 ? 8 : 10);
	port_fill_done(&f);
}

/* What was opened while a dump went on may not be in it. */
TEST(what_a_dump_missed_is_in_use)
{
	struct port_fill f;

	count(1, 1, 0);
	port_fill_begin(&f, &word, 100, 1);
	for (unsigned i = 0; i < 100; i++) {
		if (i == 40)
			count(2, 2, 20);
		port_fill_record(&f, i, 1000);
	}
	for (unsigned i = 0; i < PORT_FILL_BANDS; i++)
		ck_assert_uint_eq(in_band(&f, i), 10);
	port_fill_done(&f);
}

/* One that was open at the dump and waits at a tick after it is in both counts. */
TEST(what_closes_is_not_counted_twice)
{
	struct port_fill f;

	count(2, 1, 0);
	port_fill_begin(&f, &word, 100, 1);
	for (unsigned i = 0; i < 50; i++)
		port_fill_record(&f, i, 1000);
	count(4, 2, 50);
	port_fill_record(&f, 50, 1000);
	for (unsigned i = 0; i < 30; i++)
		port_fill_closed(&f, PORT_TIME_WAIT);
	port_fill_record(&f, 21, 1000); /* 51 are in use still */
	count(4, 3, 80);                /* of the dump 50, and 30 in TIME_WAIT */
	port_fill_record(&f, 22, 1000);
	ck_assert_uint_eq(in_band(&f, 5), 3);
	for (unsigned i = 0; i < 5; i++)
		port_fill_closed(&f, PORT_FIN_WAIT2); /* no tick tells of these */
	count(4, 4, 80);
	port_fill_record(&f, 18, 1000);
	ck_assert_uint_eq(in_band(&f, 5), 4);
	for (unsigned i = 0; i < 18; i++)
		port_fill_closed(&f, PORT_FREE_AT_ONCE);
	port_fill_record(&f, 0, 1000);
	ck_assert_uint_eq(in_band(&f, 3), 10 + 1);
	port_fill_done(&f);
}

TEST(a_port_that_comes_free_at_once_is_not_added)
{
	struct port_fill f;

	count(14, 7, 50);
	port_fill_begin(&f, &word, 100, 1);
	connect_and_close(&f, 1000, PORT_FREE_AT_ONCE);
	ck_assert_uint_eq(in_band(&f, 5), 1000);
	port_fill_done(&f);
}

TEST(memory_only_for_bands_that_were_seen)
{
	struct port_fill f;

	count(2, 1, 30);
	port_fill_begin(&f, &word, 100, 1);
	port_fill_record(&f, 0, 1000);
	for (unsigned i = 0; i < PORT_FILL_BANDS; i++)
		ck_assert_int_eq(f.band[i].all != NULL, i == 3);
	port_fill_done(&f);
}

TEST(nothing_is_recorded_where_the_fill_is_not_known)
{
	struct port_fill none = { 0 }, no_budget, no_count;

	count(2, 1, 0);
	port_fill_begin(&no_budget, &word, 0, 1);
	port_fill_begin(&no_count, NULL, 100, 1);
	port_fill_record(&none, 0, 1000);
	port_fill_record(&no_budget, 0, 1000);
	port_fill_record(&no_count, 0, 1000);
	ck_assert_uint_eq(recorded(&none) + recorded(&no_budget) + recorded(&no_count),
			  0);
	port_fill_done(&none);
	port_fill_done(&no_budget);
	port_fill_done(&no_count);
}

CHECK_MAIN("port_fill")
