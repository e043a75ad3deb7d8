/* TIME_WAIT between two full dumps: whose it is, and when a peak is certain. */
#include "common/kernel/time_wait_track.h"

#include "common/kernel/sampler.h"
#include "tests/check_main.h"

static struct sample full_of(uint64_t client, uint64_t server, uint64_t other,
			     uint64_t minisocks)
{
	struct sample s = { .full = true, .minisocks = minisocks };

	s.client.n[STATE_TIME_WAIT] = client;
	s.server.n[STATE_TIME_WAIT] = server;
	s.other.n[STATE_TIME_WAIT] = other;
	s.client.n[STATE_ESTABLISHED] = 10;
	s.client.n[STATE_FIN_WAIT2] = minisocks;
	s.time_wait_in_range = client;
	s.ports_in_use = client + minisocks + 10;
	s.sockstat.tw = client + server + other + minisocks;
	return s;
}

/* clang-format off */
static const struct {
	const char *what;
	uint64_t client, server, other, minisocks; /* at the full dump */
	uint64_t tw;                               /* by sockstat, later */
	uint64_t now[3], ports;
} rows[] = {
	{ "nothing has changed", 1000, 0, 0, 0, 1000, { 1000, 0, 0 }, 1010 },
	{ "it grew", 1000, 0, 0, 0, 5000, { 5000, 0, 0 }, 5010 },
	{ "it went", 1000, 0, 0, 0, 0, { 0, 0, 0 }, 10 },
	{ "the server's", 0, 1000, 0, 0, 3000, { 0, 3000, 0 }, 10 },
	{ "others' few rest", 1000, 3, 7, 0, 2000, { 1990, 3, 7 }, 2000 },
	{ "fewer than the others had", 1000, 3, 7, 0, 5, { 0, 3, 7 }, 10 },
	{ "both sides': shared out", 1000, 1000, 0, 0, 4000, { 2000, 2000, 0 }, 2010 },
	{ "three ways", 600, 300, 100, 0, 2000, { 1200, 600, 200 }, 1210 },
	{ "FIN_WAIT2 is not TIME_WAIT", 1000, 0, 0, 50, 3050, { 3000, 0, 0 }, 3060 },
	{ "FIN_WAIT2 alone", 0, 0, 0, 50, 80, { 0, 0, 0 }, 60 },
	{ "nobody had any: whose is unknown", 0, 0, 0, 0, 500, { 0, 0, 0 }, 10 },
};
/* clang-format on */

TEST_ROWS(it_is_whose_it_was, rows)
{
	struct sample s = full_of(row->client, row->server, row->other, row->minisocks);
	struct time_wait_track k = { 0 };

	time_wait_track_dump(&k, &s);
	s.sockstat.tw = row->tw;
	ck_assert_int_eq(time_wait_track_estimate(&k, &s), row->client + row->server > 0);
	ck_assert_msg(s.client.n[STATE_TIME_WAIT] == row->now[0] &&
			      s.server.n[STATE_TIME_WAIT] == row->now[1] &&
			      s.other.n[STATE_TIME_WAIT] == row->now[2],
		      "%s: %u, %u, %u", row->what, (unsigned)s.client.n[STATE_TIME_WAIT],
		      (unsigned)s.server.n[STATE_TIME_WAIT],
		      (unsigned)s.other.n[STATE_TIME_WAIT]);
	ck_assert_msg(s.ports_in_use == row->ports, "%s: %u ports", row->what,
		      (unsigned)s.ports_in_use);
	ck_assert_uint_eq(s.client.n[STATE_ESTABLISHED], 10);
}

/* clang-format off */
static const struct {
	const char *what;
	uint64_t inuse[2], tw, ports; /* then, and later */
} moved[] = {
	{ "they are there still", { 12, 12 }, 1000, 1010 },
	{ "four came to TIME_WAIT", { 12, 8 }, 1004, 1010 },
	{ "all of them, and another's went", { 12, 0 }, 1010, 1010 },
	{ "more have come: not counted yet", { 12, 20 }, 1004, 1014 },
};
/* clang-format on */

TEST_ROWS(what_has_come_to_time_wait_is_not_counted_twice, moved)
{
	struct sample s = full_of(1000, 0, 0, 0);
	struct time_wait_track k = { 0 };

	time_wait_track_dump(&k, &s);
	s.inuse = row->inuse[0];
	s.sockstat.inuse = row->inuse[1];
	s.sockstat.tw = row->tw;
	for (int again = 0; again < 2; again++) {
		time_wait_track_estimate(&k, &s);
		ck_assert_msg(s.ports_in_use == row->ports, "%s: %u", row->what,
			      (unsigned)s.ports_in_use);
	}
}

/* Where /proc shows no total the last count stands. */
TEST(a_total_that_never_fitted_is_not_used)
{
	struct sample s = full_of(1000, 0, 0, 0);
	struct time_wait_track k = { 0 };

	s.sockstat.tw = 0;
	time_wait_track_dump(&k, &s);
	ck_assert(!time_wait_track_estimate(&k, &s));
	ck_assert_uint_eq(s.client.n[STATE_TIME_WAIT], 1000);
	ck_assert_uint_eq(s.ports_in_use, 1010);
}

/* clang-format off */
static const struct {
	const char *what;
	uint64_t before[4], tick, after[4]; /* client, server, other, minisocks */
	enum whose whose;
	uint64_t most;
} peaks[] = {
	{ "up and down again", { 1000 }, 5000, { 2000 }, WHOSE_CLIENT, 5000 },
	{ "the server's", { 0, 1000 }, 5000, { 0, 2000 }, WHOSE_SERVER, 5000 },
	{ "somebody else's", { 0, 0, 1000 }, 5000, { 0, 0, 2000 }, WHOSE_OTHER, 5000 },
	{ "beside a few that rest", { 1000, 0, 9 }, 5000, { 2000, 0, 9 }, WHOSE_CLIENT, 4991 },
	{ "beside a few that move", { 1000, 0, 9 }, 5000, { 2000, 0, 8 }, WHOSE_CLIENT, 0 },
	{ "from one side to the other", { 1000 }, 5000, { 0, 2000 }, WHOSE_SERVER, 0 },
	{ "both sides'", { 1000, 1000 }, 5000, { 1000, 1000 }, WHOSE_ALL, 0 },
	{ "FIN_WAIT2 before", { 1000, 0, 0, 5 }, 5000, { 2000 }, WHOSE_CLIENT, 0 },
	{ "FIN_WAIT2 after", { 1000 }, 5000, { 2000, 0, 0, 5 }, WHOSE_CLIENT, 0 },
	{ "none before", { 0 }, 5000, { 2000 }, WHOSE_CLIENT, 0 },
	{ "none after", { 1000 }, 5000, { 0 }, WHOSE_ALL, 0 },
};
/* clang-format on */

TEST_ROWS(a_peak_is_told_when_it_is_certain, peaks)
{
	const uint64_t *b = row->before, *a = row->after;
	struct sample s = full_of(b[0], b[1], b[2], b[3]);
	struct time_wait_track k = { 0 };
	struct sample_peak peak;

	time_wait_track_dump(&k, &s);
	s.sockstat.tw = row->tick;
	time_wait_track_estimate(&k, &s);
	s = full_of(a[0], a[1], a[2], a[3]);
	peak = time_wait_track_dump(&k, &s);
	ck_assert_msg(peak.highest == row->most, "%s: %u", row->what,
		      (unsigned)peak.highest);
	ck_assert_msg(peak.whose == row->whose, "%s", row->what);
	/* It is told once. */
	ck_assert_uint_eq(time_wait_track_dump(&k, &s).highest, 0);
}

/* Those from before are there until the next full dump, or fewer: the rest is the run's own. */
TEST(what_was_there_before_is_not_of_the_own_peak)
{
	struct sample s = full_of(1000, 0, 0, 0);
	struct time_wait_track k = { 0 };
	struct sample_peak peak;

	s.client_before = 400;
	time_wait_track_dump(&k, &s);
	s.sockstat.tw = 5000;
	time_wait_track_estimate(&k, &s);
	s = full_of(2000, 0, 0, 0);
	s.client_before = 100;
	peak = time_wait_track_dump(&k, &s);
	ck_assert_uint_eq(peak.highest, 5000);
	ck_assert_uint_eq(peak.own, 4600);
	s.sockstat.tw = 1950;
	time_wait_track_estimate(&k, &s);
	ck_assert_uint_eq(time_wait_track_dump(&k, &s).own, 1850);
}

CHECK_MAIN("time_wait_track")
