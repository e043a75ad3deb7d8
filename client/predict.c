#include "client/predict.h"

#include <math.h>

#include "client/record.h"
#include "common/base/clock.h"
#include "common/ports/lives.h"
#include "common/ports/traits.h"

#define EARLY_S  0.02 /* the first rate of a closed loop is taken after so long ... */
#define EARLY_OK 50   /* ... and so many connections ... */
#define AGAIN    4 /* ... and again at so many times as many, once it told something ... */
#define UNSURE   2 /* ... or until then */
/* Shares of the connections that the ports are predicted to last for. */
#define WINDOW      0.05 /* once connect() is slow it is watched for so many */
#define WINDOW_OK   32   /* ... but at least for this many */
#define LAST        0.58 /* ... and a last time when so many are made */
#define LAST_RATE   0.45 /* a closed loop's rate is taken a last time at so many ... */
#define LAST_GROWTH 1.5  /* ... if that is so many times as many as before */
#define TOO_LATE    0.6
#define ROUND       0.25   /* of a closed loop's places: how far from the mean is usual */
#define SAME        0.05   /* a moment that changes by less is the same */
#define WALK_S      0.4e-6 /* connect() needs no more for each port that it walks over */
#define CALM_S      0.3e-3 /* ... and a connection no more for all else */
#define WINDOWS     2
#define LOOK_MIN_NS NS_PER_MS
#define LOOK_MAX_NS NS_PER_S
#define BEHIND_S    0.02 /* a client that is so far behind its rate is late ... */
#define GROWS       0.05 /* ... and gets later by this share of what it starts */

/* A prediction from what is known now, at t_s of the run. */
static void predict_now(struct client_record *run, double t_s)
{
	struct err err;

	if (ports_predict(&run->facts, PORTS_MOST_EVENTS, &run->prediction, &err) == 0)
		run->predict.at_s = t_s;
}

void predict_before(struct client_record *run)
{
	struct err err;

	run->predict = (struct predict){ 0 };
	if (ports_predict(&run->facts, PORTS_FEW_EVENTS, &run->prediction, &err) < 0)
		run->prediction.reason = "out of memory";
	run->predict.before_s = run->prediction.exhaustion_s;
}

/* What a look at the counters shows. */
struct look {
	double t_s;        /* into the run */
	double last_ok_s;  /* the last connection was made */
	uint64_t ok;       /* connections made */
	uint64_t arrivals; /* served, or being served */
	uint64_t missed;   /* arrivals */
	bool exhausted;
	bool no_timestamps;
};

static void take_look(const struct client_record *run, uint64_t now_ns, struct look *out)
{
	const struct load *l = &run->facts.load;
	struct client_tally sum;

	client_tally_sum(run, &sum);
	*out = (struct look){
		.t_s = fmax(0, record_moment_s(run, now_ns)),
		.last_ok_s = fmax(0, record_moment_s(run, tally_get(&sum.last_ok_ns))),
		.ok = tally_get(&sum.connects_ok),
		.missed = tally_get(&sum.missed_starts),
		.exhausted = tally_get(&sum.first_exhausted_ns) != 0,
		.no_timestamps = tally_get(&sum.no_timestamps) != 0,
	};
	out->arrivals = l->pool && l->requests
				? tally_get(&sum.transactions_ok) / l->requests
				: out->ok;
}

/* A thread's time for an arrival, from n of them in s seconds. */
static double cost_of(const struct client_record *run, double s, uint64_t n)
{
	return n ? run->plan.workers * s / (double)n : 0;
}

/* Are so many of the connections made that the ports are predicted to last for? */
static bool is_late(const struct client_record *run, const struct look *now)
{
	return run->prediction.exhaustion_s >= 0 &&
	       (double)now->ok >= TOO_LATE * (double)run->prediction.connections;
}

static void withdraw(struct client_record *run, const char *reason)
{
	run->prediction.exhaustion_s = -1;
	run->prediction.known = false;
	run->prediction.reason = reason;
	run->predict.withdrawn = true;
}

/* With holds the connections of a closed loop come in waves. */
static bool comes_in_waves(const struct client_record *run)
{
	return trait_closed_loop(&run->facts) && run->facts.load.hold_ns > 0;
}

/* What of the time until the last connection was not spent waiting for places. */
static double busy_s(const struct client_record *run, const struct look *now)
{
	const struct load *l = &run->facts.load;
	uint64_t waits = now->ok ? (now->ok - 1) / l->concurrency : 0;
	double s = now->last_ok_s - (double)(waits * l->hold_ns) / NS_PER_S;

	if (!comes_in_waves(run))
		return now->last_ok_s;
	return s > 0 ? s : now->last_ok_s / (double)(waits + 1);
}

/* How many connections the first rate is taken from. */
static uint64_t early_ok(const struct client_record *run)
{
	uint64_t places = run->facts.load.concurrency;

	return comes_in_waves(run) && places < EARLY_OK ? places : EARLY_OK;
}

/* How many connections the next rate is taken at. */
static double next_rate_ok(const struct client_record *run)
{
	double taken = (double)run->predict.rate_ok;
	double last = LAST_RATE * (double)run->prediction.connections;
	double at = fmax((double)early_ok(run),
			 (run->prediction.known ? AGAIN : UNSURE) * taken);

	if (run->prediction.exhaustion_s < 0 || taken == 0 || last < LAST_GROWTH * taken)
		return at;
	return fmin(at, last);
}

/* The first connections are slow, as neither end has made any before; so the rate is that since it was
 * last taken.  With holds what was waited for is an average of all. */
static void set_rate(struct client_record *run, const struct look *now)
{
	struct predict *p = &run->predict;
	struct ports_facts *f = &run->facts;
	double until_s = busy_s(run, now);

	f->cost_s = f->early_cost_s = cost_of(run, until_s, now->arrivals);
	f->early = now->ok;
	if (p->rate_ok && !comes_in_waves(run) && until_s > p->rate_s &&
	    now->arrivals > p->rate_arrivals)
		f->cost_s = cost_of(run, until_s - p->rate_s,
				    now->arrivals - p->rate_arrivals);
	p->rate_ok = now->ok;
	p->rate_arrivals = now->arrivals;
	p->rate_s = until_s;
}

/* The rate of a closed loop, once it can be told, and again and again while it lasts. */
static void take_rate(struct client_record *run, const struct look *now)
{
	const struct predict *p = &run->predict;

	if (now->t_s < EARLY_S || (double)now->ok < next_rate_ok(run) ||
	    (p->rate_ok && is_late(run, now)))
		return;
	set_rate(run, now);
	predict_now(run, now->t_s);
	if (is_late(run, now))
		withdraw(run, "closed loop: the ports went before its rate was known");
}

/* Arrivals of an open loop that are overdue. */
static double behind(const struct client_record *run, const struct look *now)
{
	uint64_t due = load_due(&run->facts.load, (uint64_t)(now->t_s * NS_PER_S));

	return (double)due - (double)(now->arrivals + now->missed);
}

/* Could a thread be too slow for its part of the rate, because of what connect() has to walk over? */
static bool may_be_slow(const struct client_record *run)
{
	const struct rate *r = &run->facts.load.rate;
	double most_s = CALM_S + WALK_S * (double)run->prediction.per_tuple / 2;

	return fmax(r->from, r->to) / run->plan.workers * most_s >= 1;
}

/* A hitch of the machine is made up for; a client that is too slow gets later and later. */
static bool keeps_its_rate(const struct client_record *run, const struct look *now)
{
	const struct predict *p = &run->predict;
	double late = behind(run, now), started = (double)(now->ok - p->slow_ok);
	double rate = fmax(run->facts.load.rate.from, run->facts.load.rate.to);

	return !may_be_slow(run) || late <= fmax(WINDOW_OK / 2, BEHIND_S * rate) ||
	       late - p->behind <= GROWS * started;
}

/* Would the moment be another if connect() took as long as it ever does for each port that it
 * walks over? */
static bool slowness_matters(const struct client_record *run)
{
	struct ports_facts facts = run->facts;
	struct ports_prediction slow;
	struct err err;

	facts.slow_cost_s = facts.cost_s + WALK_S * (double)run->prediction.per_tuple / 2;
	if (ports_predict(&facts, PORTS_MOST_EVENTS, &slow, &err) < 0)
		return true;
	return fabs(slow.exhaustion_s - run->prediction.exhaustion_s) >
	       SAME * run->prediction.exhaustion_s;
}

/* A closed loop's connections come by rounds of all places: is the moment known from so few of them that
 * a part of a round makes it another? */
static bool is_rough(const struct client_record *run)
{
	const struct predict *p = &run->predict;
	double said_s = run->prediction.exhaustion_s;
	double rounds = (double)p->window_ok / (double)run->facts.load.concurrency;

	return trait_closed_loop(&run->facts) && said_s >= 0 &&
	       (said_s - p->at_s) * ROUND > rounds * ports_near_s(said_s, true);
}

static void predict_slow(struct client_record *run, const struct look *now)
{
	struct predict *p = &run->predict;

	p->window_ok = now->ok - p->slow_ok;
	if (trait_closed_loop(&run->facts))
		run->facts.cost_s = cost_of(run, p->slow_s, p->slow_ok);
	run->facts.early = 0;
	run->facts.slow_cost_s = cost_of(run, now->last_ok_s - p->slow_s, p->window_ok);
	predict_now(run, now->t_s);
}

/* The moment by the time that connect() takes now, if the ports still last a while. */
static void take_slow_rate(struct client_record *run, const struct look *now)
{
	static const char reason[] =
		"connect() takes longer past half of the ports, and they went before it "
		"was known how long";
	struct predict *p = &run->predict;
	bool late = is_late(run, now);

	p->windows++;
	if (!trait_closed_loop(&run->facts) && keeps_its_rate(run, now))
		return;
	if ((late && p->windows == 1) || comes_in_waves(run)) {
		if (slowness_matters(run))
			withdraw(run, reason);
		return;
	}
	if (!late)
		predict_slow(run, now);
	if (p->windows == WINDOWS && is_rough(run))
		withdraw(run, reason);
}

static double window_end(const struct client_record *run)
{
	const struct predict *p = &run->predict;
	double all = (double)run->prediction.connections;

	return p->windows == 0 ? (double)p->slow_ok + fmax(WINDOW_OK, WINDOW * all)
			       : LAST * all;
}

static void watch_slow(struct client_record *run, const struct look *now)
{
	struct predict *p = &run->predict;
	uint64_t slow = run->prediction.at_slow ? run->prediction.at_slow : 1;

	if (!p->slow_ok && now->ok >= slow) {
		p->slow_ok = now->ok;
		p->slow_s = now->last_ok_s;
		p->behind = trait_closed_loop(&run->facts) ? 0 : behind(run, now);
	}
	if (p->slow_ok && ((double)now->ok >= window_end(run) || is_late(run, now)))
		take_slow_rate(run, now);
}

static bool watches_slow(const struct client_record *run)
{
	return ports_walks(&run->facts) && run->prediction.exhaustion_s >= 0 &&
	       run->predict.windows < WINDOWS && !run->predict.withdrawn;
}

static bool wants_rate(const struct client_record *run)
{
	return trait_closed_loop(&run->facts) && !run->predict.slow_ok &&
	       !run->predict.withdrawn &&
	       (!run->prediction.known || run->predict.rate_ok);
}

static bool wants_timestamps(const struct client_record *run)
{
	return lives_reuse(&run->facts);
}

static bool wants_all_events(const struct client_record *run)
{
	return run->prediction.cut && run->predict.at_s == 0;
}

/* The connections at which something is to be done. */
static double next_ok(const struct client_record *run)
{
	const struct predict *p = &run->predict;
	double at = INFINITY;

	if (wants_rate(run))
		at = next_rate_ok(run);
	if (watches_slow(run))
		at = fmin(at,
			  p->slow_ok ? window_end(run) : (double)run->prediction.at_slow);
	return at;
}

static bool is_over(const struct client_record *run, const struct look *now)
{
	return now->exhausted || run->predict.withdrawn;
}

static void predict_anew(struct client_record *run, const struct look *now)
{
	if (wants_timestamps(run) && now->no_timestamps) {
		run->facts.timestamps = false;
		predict_now(run, now->t_s);
	} else if (wants_all_events(run)) {
		predict_now(run, now->t_s);
	}
	if (wants_rate(run))
		take_rate(run, now);
	if (watches_slow(run))
		watch_slow(run, now);
}

/* When to look again: half way to where something is to be done, at the rate until now. */
static uint64_t next_ns(const struct client_record *run, const struct look *now,
			uint64_t now_ns)
{
	double at = next_ok(run), ns = LOOK_MIN_NS;

	if (wants_timestamps(run) && now->ok == 0)
		return now_ns + LOOK_MIN_NS;
	if (isinf(at))
		return UINT64_MAX;
	if (now->ok > 0)
		ns = (at - (double)now->ok) * now->t_s / (double)now->ok * NS_PER_S / 2;
	return now_ns + (uint64_t)fmin(fmax(ns, LOOK_MIN_NS), LOOK_MAX_NS);
}

uint64_t predict_meanwhile(struct client_record *run, uint64_t now_ns)
{
	struct look now;

	take_look(run, now_ns, &now);
	if (!is_over(run, &now))
		predict_anew(run, &now);
	return is_over(run, &now) ? UINT64_MAX : next_ns(run, &now, now_ns);
}
