/* Whether a prediction came true, and why not: each reason, and what is nearly one. */
#include "client/missed.h"

#include "client/record.h"
#include "tests/check_main.h"

/* The run lasts 3 s; the ports are gone at seen_s, 0 = never, with the connection that was due at
 * due_s, 0 = a closed loop.  500 connect() calls below half, and past half. */
/* clang-format off */
static const struct {
	const char *what;
	double rate, predicted_s, seen_s, due_s, below_us, past_us;
	unsigned refused;
	const char *by; /* NULL: it came true */
} rows[] = {
	{ "as predicted",                    500, 2.0, 2.01, 2.0, 20,   20, 0, NULL },
	{ "never, as predicted",             500, -1,  0,    0,   20,   20, 0, NULL },
	{ "the run ends just there",         500, 3.0, 0,    0,   20,   20, 0, NULL },
	{ "a closed loop may be 10 % off",     0, 2.0, 2.15, 0,   20,   20, 0, NULL },
	{ "and not more",                      0, 2.0, 2.3,  0,   20,   20, 0, "unmeasured" },
	{ "an open loop is not",             500, 2.0, 2.15, 2.1, 20,   20, 0, "unmeasured" },
	{ "they ran out after all",          500, -1,  2.0,  2.0, 20,   20, 0, "unmeasured" },
	{ "too early",                       500, 2.0, 1.5,  1.5, 20, 2000, 0, "unmeasured" },
	{ "the client was late",             500, 2.0, 2.5,  2.0, 20,   20, 0, "client_late" },
	{ "connections were refused",        500, 2.0, 0,    0,   20,   20, 9, "failed_otherwise" },
	{ "connect() is slow",               500, 2.0, 2.8,  2.0, 20, 1500, 0, "connect_slow" },
	{ "and the ports were never gone",   500, 2.0, 0,    0,   20, 2500, 0, "connect_slow" },
	{ "a closed loop's, too",              0, 2.0, 2.4,  0,   20,  500, 0, "connect_slow" },
	{ "not by enough",                     0, 2.0, 2.4,  0,   20,  300, 0, "unmeasured" },
	{ "an open loop has time for that",  500, 2.0, 2.1,  2.0, 20,  500, 0, "client_late" },
};
/* clang-format on */

static uint64_t ns(double s)
{
	return (uint64_t)(s * (double)NS_PER_S);
}

static void fill(struct hist *h, double us)
{
	h->count = 500;
	h->sum_ns = (uint64_t)(us * 500 * (double)NS_PER_US);
}

TEST_ROWS(is_told_why, rows)
{
	struct client_worker *w = calloc(1, sizeof(*w));
	struct client_record *run = calloc(1, sizeof(*run));
	uint64_t begin = NS_PER_S;
	const char *by;

	run->workers = &w;
	run->plan.workers = 1;
	run->begin_ns = begin;
	run->over_ns = begin + ns(3);
	run->facts.load.rate = (struct rate){ .from = row->rate, .to = row->rate };
	run->prediction.known = true;
	run->prediction.exhaustion_s = row->predicted_s;
	if (row->seen_s > 0)
		w->tally.first_exhausted_ns = begin + ns(row->seen_s);
	if (row->due_s > 0)
		w->tally.first_exhausted_due_ns = begin + ns(row->due_s);
	w->tally.outcome[OUTCOME_REFUSED] = row->refused;
	fill(&w->port_fill.band[2], row->below_us);
	fill(&w->port_fill.band[7], row->past_us);
	by = missed_by(run);
	ck_assert_msg(by ? row->by && strcmp(by, row->by) == 0 : !row->by, "%s: %s",
		      row->what, by ? by : "none");
	run->prediction.known = false;
	ck_assert_ptr_null(missed_by(run));
	free(w);
	free(run);
}

CHECK_MAIN("missed")
