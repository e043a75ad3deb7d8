/* The live line: nothing shifts and nothing wraps, whatever the figures. */
#include "client/progress.h"
#include "client/series.h"

#include <stdio.h>
#include <string.h>
#include "tests/check_main.h"

/* clang-format off */
static const struct {
	const char *what;
	double t, rate;
	bool client, server;
	uint64_t estab, finw, clsw, tw, used, budget, errors;
	const char *line;
} rows[] = {
	{ "a small run", 1, 500, true, true, 1, 2, 3, 502, 502, 2000, 0,
	  "  1.0    500 |   1    2    3    502 |   1    2    3    502 [#.....]  25%" },
	{ "with errors", 5, 0, true, true, 0, 0, 0, 2000, 2000, 2000, 203,
	  "  5.0      0 |   0    0    0   2000 |   0    0    0   2000 [######] 100%  203" },
	{ "a famous sick host", 12.34, 99999, true, true, 18122, 348, 1000000, 1000000, 28000, 28232, 1234567,
	  " 12.3  99999 | 18k  348 1.0M   1.0M | 18k  348 1.0M   1.0M [#####.]  99% 1.2M" },
	{ "as wide as can be", 999.94, 999999, true, true, 9999, 9999, 9999, 999999, 1, 1, 9999,
	  "999.9 999999 |9999 9999 9999 999999 |9999 9999 9999 999999 [######] 100% 9999" },
	{ "all there is", 1e9, 1e18, true, true, UINT64_MAX / 2, UINT64_MAX / 2, UINT64_MAX, UINT64_MAX, UINT64_MAX, 1, UINT64_MAX,
	  " 1.0G   1.0E |9.2E 9.2E  18E    18E |9.2E 9.2E  18E    18E [######] 999%  18E" },
	{ "nothing known", 0.1, 3, false, false, 0, 0, 0, 0, 0, 0, 7,
	  "  0.1      3 |                  n/a |                  n/a           n/a    7" },
	{ "the server is not known", 2, 3, true, false, 4, 0, 0, 6, 10, 100, 0,
	  "  2.0      3 |   4    0    0      6 |                  n/a [......]  10%" },
	{ "no budget", 2, 3, true, false, 4, 0, 0, 6, 10, 0, 0,
	  "  2.0      3 |   4    0    0      6 |                  n/a [......]   0%" },
	{ "a long run", 86400, 0.4, true, true, 0, 0, 0, 0, 0, 10, 0,
	  "86400      0 |   0    0    0      0 |   0    0    0      0 [......]   0%" },
	{ "the border of the minute hand", 999.96, 0.5, true, true, 0, 0, 0, 0, 0, 10, 0,
	  "  999      1 |   0    0    0      0 |   0    0    0      0 [......]   0%" },
};
/* clang-format on */

static struct tcp_states states_of(int i)
{
	struct tcp_states s = { { 0 } };

	s.n[STATE_ESTABLISHED] = rows[i].estab;
	s.n[STATE_FIN_WAIT1] = rows[i].finw / 2;
	s.n[STATE_FIN_WAIT2] = rows[i].finw - rows[i].finw / 2;
	s.n[STATE_CLOSE_WAIT] = rows[i].clsw;
	s.n[STATE_TIME_WAIT] = rows[i].tw;
	return s;
}

static char *line_of(int i, bool colour)
{
	static char buf[PROGRESS_ROOM];
	const double span = 8; /* whole in binary: the rates are exact */
	const struct series_row before = { .t = rows[i].t - span };
	const struct series_row now = {
		.t = rows[i].t,
		.connects_ok = (uint64_t)(rows[i].rate * span),
		.client = states_of(i),
		.server = states_of(i),
		.has_client = rows[i].client,
		.has_server = rows[i].server,
		.ports_in_use = rows[i].used,
		.errors = rows[i].errors,
	};

	return progress_text(&now, &before, rows[i].budget, colour, buf);
}

TEST_ROWS(every_line_has_its_columns, rows)
{
	const char *line = line_of(_i, false);

	ck_assert_msg(strcmp(line, row->line) == 0, "%s:\n%s\n%s", row->what, line,
		      row->line);
	ck_assert_uint_le(strlen(line), PROGRESS_COLUMNS);
	ck_assert_int_eq(line[13], '|');
	ck_assert_int_eq(line[36], '|');
	ck_assert(!row->client || strcspn(line, "%") == 71);
}

/* Without the colours it is the same line. */
TEST_ROWS(colour_takes_no_column, rows)
{
	const char *from = line_of(_i, true);
	char plain[PROGRESS_ROOM];
	size_t n = 0;

	ck_assert_uint_lt(strlen(from), PROGRESS_ROOM - 1);
	ck_assert(!row->client || strchr(from, '\033'));
	while (*from)
		if (*from == '\033')
			from += strcspn(from, "m") + 1;
		else
			plain[n++] = *from++;
	plain[n] = '\0';
	ck_assert_str_eq(plain, row->line);
}

TEST(the_heading_stands_above_its_columns)
{
	const char *first = progress_heading, *second = strchr(first, '\n') + 1;

	ck_assert_uint_eq(strcspn(first, "\n"), 60);
	ck_assert_uint_eq(strcspn(second, "\n"), PROGRESS_COLUMNS);
	for (const char *line = first; line; line = line == first ? second : NULL)
		ck_assert(line[13] == '|' && line[36] == '|' && line[59] == '|');
	ck_assert_str_eq(second + PROGRESS_COLUMNS - 4, "errs\n");
}

/* clang-format off */
static const struct {
	const char *what;
	unsigned columns;
	bool client, server;
	uint64_t used, errors;
	double gone_s;
	const char *line;
} stays[] = {
	{ "all of it", 110, true, true, 1000, 0, 4.0,
	  "2.0 s  500/s  [#######.......]  50% of 2,000 ports, gone in 2.0 s  TIME_WAIT 1000, server's 1000" },
	{ "at 79 columns", 79, true, true, 1000, 0, 4.0,
	  "2.0 s  500/s  [#######.......]  50% of 2,000 ports, gone in 2.0 s" },
	{ "with failures", 79, true, false, 2000, 77, 4.0,
	  "2.0 s  500/s  77 failed  [##############] 100% of 2,000 ports, none left" },
	{ "long", 79, true, false, 500, 0, 100.4,
	  "2.0 s  500/s  [###...........]  25% of 2,000 ports, gone in 98 s  TIME_WAIT 500" },
	{ "not in this run", 79, true, false, 500, 0, -1,
	  "2.0 s  500/s  [###...........]  25% of 2,000 ports  TIME_WAIT 500" },
	{ "later than it was predicted", 79, true, false, 500, 0, 1.5,
	  "2.0 s  500/s  [###...........]  25% of 2,000 ports  TIME_WAIT 500" },
	{ "not counted", 79, false, false, 500, 3, 4.0, "2.0 s  500/s  3 failed  ports n/a" },
	{ "20 columns", 20, true, true, 1000, 0, 4.0, "2.0 s  500/s" },
	{ "no column", 0, true, true, 1000, 0, 4.0, "" },
};
/* clang-format on */

TEST_ROWS(a_line_that_stays_has_what_fits, stays)
{
	const struct series_row before = { .t = 1 };
	const struct series_row now = {
		.t = 2,
		.connects_ok = 500,
		.errors = row->errors,
		.ports_in_use = row->used,
		.has_client = row->client,
		.has_server = row->server,
		.client.n[STATE_TIME_WAIT] = row->used,
		.server.n[STATE_TIME_WAIT] = row->used,
	};
	char buf[PROGRESS_ROOM];

	progress_stay(&now, &before, 2000, row->gone_s, row->columns, false, buf);
	ck_assert_msg(strcmp(buf, row->line) == 0, "%s:\n%s\n%s", row->what, buf,
		      row->line);
	progress_stay(&now, &before, 2000, row->gone_s, row->columns, true, buf);
	ck_assert_uint_lt(strlen(buf), PROGRESS_ROOM - 1);
}

CHECK_MAIN("progress")
