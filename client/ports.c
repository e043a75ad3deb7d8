#include "client/ports.h"

#include <math.h>

#define STEPS 20000 /* of the run, when looking for the moment; then it is bisected */

/* How long ports stay taken once their connection is over, by what it leaves behind. */
struct lifetimes {
	double time_wait, fin_wait2, held;
};

/* The kernel takes a TIME_WAIT port again only for a connect() that chooses the port itself,
 * with timestamps, and with tcp_tw_reuse=1, or 2 (the default) on loopback. */
static bool reuses(const struct ports_facts *f)
{
	return !f->early_bind && f->timestamps &&
	       (f->tw_reuse == 1 || (f->tw_reuse == 2 && f->loopback));
}

/* connect() walks the range in steps of two from its low end, so an odd range loses its last
 * port; not with IP_LOCAL_PORT_RANGE, and bind() has its own walk (facts 36). */
static uint64_t usable_ports(const struct ports_facts *f)
{
	uint64_t n = f->hi >= f->lo ? f->hi - f->lo + 1 : 0;
	uint64_t gone = f->reserved + f->listeners;

	if (!f->own_range && !f->early_bind && n > 1)
		n &= ~1ull;
	return n > gone ? n - gone : 0;
}

/* Connections that stay open for a while cannot start faster than places become free. */
static double attainable(const struct ports_facts *f, double rate)
{
	double most = f->open_s > 0 && f->concurrency ? (double)f->concurrency / f->open_s
						      : HUGE_VAL;

	return rate < most ? rate : most;
}

static double started(const struct ports_facts *f, double t)
{
	double from = attainable(f, f->rate_from), to = attainable(f, f->rate_to), n;

	if (t <= 0)
		return 0;
	if (t > f->run_s)
		t = f->run_s;
	n = from * t + (to - from) * t * t / (2 * f->run_s);
	return f->connections && n > (double)f->connections ? (double)f->connections : n;
}

/* Ports taken at time t: every class holds its share of what was started in the last
 * lifetime (and while it was open). */
static double in_use(const struct ports_facts *f, const struct lifetimes *life, double t)
{
	double free_share = 1 - f->share_time_wait - f->share_fin_wait2 - f->share_held;
	double now = started(f, t);

	return f->share_time_wait * (now - started(f, t - f->open_s - life->time_wait)) +
	       f->share_fin_wait2 * (now - started(f, t - f->open_s - life->fin_wait2)) +
	       f->share_held * (now - started(f, t - life->held)) +
	       free_share * (now - started(f, t - f->open_s));
}

double ports_time_of(const struct ports_facts *f, double n)
{
	double lo = 0, hi = f->run_s;

	if (started(f, hi) < n)
		return -1;
	for (int i = 0; i < 60; i++) {
		double mid = (lo + hi) / 2;

		if (started(f, mid) < n)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

/* The first moment at which `available` ports are taken and one more is asked for. */
static double exhaustion(const struct ports_facts *f, const struct lifetimes *life,
			 double available)
{
	double step = f->run_s / STEPS, lo = 0, hi = 0;

	for (int i = 1; i <= STEPS; i++) {
		hi = i * step;
		if (in_use(f, life, hi) >= available)
			break;
		lo = hi;
	}
	if (in_use(f, life, hi) < available ||
	    (f->connections && started(f, hi) >= (double)f->connections &&
	     available >= (double)f->connections))
		return -1;
	for (int i = 0; i < 50; i++) {
		double mid = (lo + hi) / 2;

		if (in_use(f, life, mid) < available)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

static double mean_lifetime(const struct ports_facts *f, const struct lifetimes *life)
{
	double sum = f->open_s * (1 - f->share_held);

	if (f->share_time_wait > 0)
		sum += f->share_time_wait * life->time_wait;
	if (f->share_fin_wait2 > 0)
		sum += f->share_fin_wait2 * life->fin_wait2;
	if (f->share_held > 0)
		sum += f->share_held * life->held;
	return sum;
}

static bool leaves_nothing(const struct ports_facts *f)
{
	return f->share_time_wait + f->share_fin_wait2 + f->share_held <= 0;
}

/* Over tcp_max_tw_buckets the kernel skips TIME_WAIT, so the port is free at once. */
static bool capped(const struct ports_facts *f, uint64_t budget)
{
	return f->share_held <= 0 && f->share_time_wait + f->share_fin_wait2 > 0 &&
	       f->max_tw_buckets < budget;
}

static void predict_moment(const struct ports_facts *f, const struct lifetimes *life,
			   struct ports_prediction *out)
{
	double available = (double)(out->budget > f->taken ? out->budget - f->taken : 0);

	if (f->pool) {
		out->reason = "a pool keeps its connections, so it takes no new ports";
	} else if (leaves_nothing(f) && f->open_s <= 0) {
		out->reason =
			"this way of closing leaves no TIME_WAIT on the client, so its "
			"ports are free at once";
	} else if (capped(f, out->budget)) {
		out->reason =
			"tcp_max_tw_buckets is below the budget, so TIME_WAIT is skipped "
			"before the ports run out";
	} else if (f->rate_from <= 0) {
		out->reason = "closed loop: the rate is not known before the run";
	} else {
		out->exhaustion_s = exhaustion(f, life, available);
		if (out->exhaustion_s >= 0)
			out->reason = "the ports run out within the run";
		else if (out->max_rate >= 0 &&
			 fmax(f->rate_from, f->rate_to) <= out->max_rate)
			out->reason = "the rate is below what the ports sustain";
		else
			out->reason = "the run ends before the ports do";
	}
}

void ports_predict(const struct ports_facts *f, struct ports_prediction *out)
{
	bool reuse = reuses(f);
	const struct lifetimes life = {
		.time_wait = reuse ? f->tw_reuse_delay_s : PORTS_TIME_WAIT_S,
		.fin_wait2 = f->fin_timeout_s,
		/* client-leak: the server holds, then the client keeps */
		.held = f->open_s > 0 ? 2 * f->open_s : HUGE_VAL,
	};

	*out = (struct ports_prediction){ .reuse = reuse && f->share_time_wait > 0 };
	out->per_tuple = usable_ports(f);
	out->tuples = f->sources * (f->early_bind ? 1 : f->targets);
	out->budget = out->per_tuple * out->tuples;
	out->lifetime_s = mean_lifetime(f, &life);
	out->max_rate = -1;
	out->exhaustion_s = -1;
	if (out->lifetime_s > 0 && !f->pool && !capped(f, out->budget))
		out->max_rate = (double)out->budget / out->lifetime_s;
	predict_moment(f, &life, out);
}
