#include "client/missed.h"

#include <math.h>

#include "client/record.h"
#include "client/sysctl_watch.h"
#include "common/ports/traits.h"

#define EXPLAINS 0.5 /* of what a run is late by a reason has to account for */
#define BUSY     0.5 /* more of its time in connect(), and a thread keeps no rate */

/* What there is to be judged. */
struct question {
	const struct client_record *run;
	struct client_tally sum;
	double predicted_s, seen_s, due_s; /* < 0 = not in this run */
};

static double near_s(const struct question *q)
{
	return ports_near_s(q->predicted_s, trait_closed_loop(&q->run->facts));
}

static bool is_near(const struct question *q, double s)
{
	return s >= 0 && fabs(s - q->predicted_s) <= near_s(q);
}

static bool came_true(const struct question *q)
{
	double over_s = record_moment_s(q->run, q->run->over_ns);

	if (q->predicted_s < 0)
		return q->seen_s < 0;
	if (q->seen_s < 0)
		return over_s < q->predicted_s + near_s(q);
	return is_near(q, q->seen_s);
}

/* The reasons: each returns false if it is none. */

static bool a_sysctl_changed(const struct question *q)
{
	struct sysctl_change change;

	return sysctl_watch_change(q->run->sysctls, 0, &change);
}

static uint64_t failed_otherwise(const struct client_tally *sum)
{
	return tally_get(&sum->outcome[OUTCOME_LOCAL]) +
	       tally_get(&sum->outcome[OUTCOME_NO_SOURCE]) +
	       tally_get(&sum->outcome[OUTCOME_REFUSED]) +
	       tally_get(&sum->outcome[OUTCOME_CONNECT_ERROR]) +
	       tally_get(&sum->outcome[OUTCOME_CONNECT_TIMEOUT]);
}

static bool connections_failed(const struct question *q)
{
	return failed_otherwise(&q->sum) > 0;
}

/* The connect() calls that got a port while the ports were less, or more, than half full. */
struct connects {
	double ns, n;
};

static struct connects connects(const struct client_record *run, bool past_half)
{
	struct connects sum = { 0 };

	for (unsigned w = 0; run->workers && w < run->plan.workers; w++)
		for (unsigned i = 0; i < PORT_FILL_BANDS; i++) {
			uint64_t ns;

			if ((i >= PORT_FILL_BANDS / 2) != past_half)
				continue;
			sum.n += (double)hist_so_far(&run->workers[w]->port_fill.band[i],
						     &ns);
			sum.ns += (double)ns;
		}
	return sum;
}

double missed_connect_us(const struct client_record *run, bool past_half)
{
	struct connects c = connects(run, past_half);

	return c.n > 0 ? c.ns / c.n / NS_PER_US : -1;
}

/* How much later than predicted the ports ran out, or the run ended. */
static double late_s(const struct question *q)
{
	double until_s =
		q->seen_s >= 0 ? q->seen_s : record_moment_s(q->run, q->run->over_ns);

	return until_s - q->predicted_s;
}

/* Of an open loop's connect() calls: has a thread time for all that it is to start? */
static bool keeps_up(const struct question *q, const struct connects *c)
{
	const struct rate *r = &q->run->facts.load.rate;
	double each_ns = c->n > 0 ? c->ns / c->n : 0;

	return fmax(r->from, r->to) > 0 &&
	       each_ns * fmax(r->from, r->to) / q->run->plan.workers < BUSY * NS_PER_S;
}

static bool connect_got_slow(const struct question *q)
{
	struct connects before = connects(q->run, false), past = connects(q->run, true);
	double more_s = before.n > 0 ? (past.ns - past.n * before.ns / before.n) /
					       NS_PER_S / q->run->plan.workers
				     : 0;

	return q->predicted_s >= 0 && late_s(q) > 0 && more_s >= EXPLAINS * late_s(q) &&
	       !keeps_up(q, &past);
}

static bool client_was_late(const struct question *q)
{
	return is_near(q, q->due_s);
}

const char *missed_by(const struct client_record *run)
{
	static const struct {
		const char *by;
		bool (*is)(const struct question *q);
	} reasons[] = {
		{ "sysctl_changed", a_sysctl_changed },
		{ "failed_otherwise", connections_failed },
		{ "connect_slow", connect_got_slow },
		{ "client_late", client_was_late },
	};
	struct question q = {
		.run = run,
		.predicted_s = run->prediction.exhaustion_s,
	};

	if (!run->prediction.known || run->skeleton)
		return NULL;
	client_tally_sum(run, &q.sum);
	q.seen_s = record_moment_s(run, tally_get(&q.sum.first_exhausted_ns));
	q.due_s = record_moment_s(run, tally_get(&q.sum.first_exhausted_due_ns));
	if (came_true(&q))
		return NULL;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].is(&q))
			return reasons[i].by;
	return "unmeasured";
}
