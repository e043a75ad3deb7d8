#include "common/ports/ports.h"

#include <math.h>
#include <stddef.h>

#define STEPS 20000 /* of the run, when looking for the moment; then it is bisected */

/* How long ports stay taken once their connection is over, by what it leaves behind. */
struct lifetimes {
	double time_wait, fin_wait2, held;
};

/* bind() picks a port, and with SO_REUSEADDR and ip_autobind_reuse=1, once none is free, one
 * that is in use by sockets that have SO_REUSEADDR too, at random (inet_csk_find_open_port()). */
static bool autobind_reuses(const struct ports_facts *f)
{
	return f->early_bind && f->reuseaddr && f->autobind_reuse;
}

/* connect() takes a TIME_WAIT port again, with timestamps: one that it chose itself if
 * tcp_tw_reuse is 1, or 2 (the default) on loopback; one that was bound at once and whatever
 * tcp_tw_reuse says, if SO_REUSEADDR lets bind() have it (tcp_twsk_unique(),
 * inet_csk_bind_conflict()). */
static bool reuses(const struct ports_facts *f)
{
	if (f->own_port || f->early_bind)
		return f->timestamps &&
		       ((f->own_port && f->reuseaddr) || autobind_reuses(f));
	return f->timestamps && (f->tw_reuse == 1 || (f->tw_reuse == 2 && f->loopback));
}

static double time_wait_life(const struct ports_facts *f)
{
	if (!reuses(f))
		return PORTS_TIME_WAIT_S;
	return f->own_port || f->early_bind ? 0 : f->tw_reuse_delay_s;
}

/* Ports that the kernel's walk comes by in the long run.  It takes steps of two, and single ones
 * for a connect() with IP_LOCAL_PORT_RANGE.  Of three ports the third is never used.  Any other
 * odd range may lose one port; we predict that it does not, which is right more often. */
static uint64_t walked_ports(const struct ports_facts *f)
{
	uint64_t n = f->hi >= f->lo ? f->hi - f->lo + 1 : 0;
	bool by_two = !f->own_port && (f->early_bind || !f->own_range);

	return by_two && n == 3 ? 2 : n;
}

static uint64_t usable_ports(const struct ports_facts *f)
{
	uint64_t n = walked_ports(f);
	uint64_t gone = f->reserved + (f->own_port ? 0 : f->listeners);

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

/* Ports in turn: the next one is taken if whatever had it last has not let go yet, so what
 * lasts longest decides, however rare it is.  The same facts as if all were like that. */
static struct ports_facts as_the_longest(const struct ports_facts *f,
					 const struct lifetimes *life)
{
	struct ports_facts all = *f;
	double tw = f->share_time_wait > 0 ? life->time_wait : 0;
	double fw2 = f->share_fin_wait2 > 0 ? life->fin_wait2 : 0;
	bool held = f->share_held > 0 && life->held >= fmax(tw, fw2);

	if (leaves_nothing(f))
		return all;
	all.share_held = held;
	all.share_time_wait = !held && tw >= fw2;
	all.share_fin_wait2 = !held && tw < fw2;
	return all;
}

/* Over tcp_max_tw_buckets the kernel skips TIME_WAIT, so the port is free at once. */
static bool capped(const struct ports_facts *f, uint64_t budget)
{
	return f->share_held <= 0 && f->share_time_wait + f->share_fin_wait2 > 0 &&
	       f->max_tw_buckets < budget;
}

/* Where it depends on which port comes up; NULL = it does not. */
static const char *luck(const struct ports_facts *f, const struct lifetimes *life)
{
	bool lasting = f->share_fin_wait2 + f->share_held > 0 || f->open_s > 0;
	bool time_wait = f->share_time_wait > 0 && life->time_wait > 0;

	if (f->time_wait_unsure)
		return "TCP_LINGER2 below 0: TIME_WAIT or a RST, as the server's FIN or "
		       "its "
		       "ACK of ours comes first";
	if (f->own_port && f->listeners)
		return "a listener has one of the ports, and when its turn comes depends "
		       "on where it is";
	if (f->own_port && f->kept)
		return "--server-stats has one of the ports, and when its turn comes "
		       "depends on which";
	if (f->own_port && f->taken && (lasting || time_wait))
		return "some ports are taken already, and when their turn comes depends "
		       "on "
		       "which";
	if (autobind_reuses(f) && (lasting || time_wait) &&
	    (f->targets > 1 || (f->share_time_wait > 0 && !time_wait)))
		return "ip_autobind_reuse: once all ports are used bind() picks one at "
		       "random, free or not";
	return NULL;
}

static void predict_moment(const struct ports_facts *f, const struct lifetimes *life,
			   struct ports_prediction *out)
{
	double available = (double)(out->budget > f->taken ? out->budget - f->taken : 0);

	out->reason = luck(f, life);
	if (out->reason)
		return;
	if (f->pool) {
		out->reason = "a pool keeps its connections, so it takes no new ports";
	} else if (leaves_nothing(f) && f->open_s <= 0) {
		out->reason =
			"this way of closing leaves no TIME_WAIT on the client, so its "
			"ports are free at once";
	} else if (mean_lifetime(f, life) <= 0) {
		out->reason =
			f->share_time_wait > 0 && f->early_bind
				? "ip_autobind_reuse, SO_REUSEADDR and timestamps: "
				  "a port in TIME_WAIT is taken again at once"
			: f->share_time_wait > 0
				? "SO_REUSEADDR and timestamps: a bound port is "
				  "taken out of TIME_WAIT at once"
				: "FIN_WAIT2 is left at once (TCP_LINGER2 below 0), "
				  "so the ports are free again";
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

/* Sources and targets that have all ports to themselves.  A bound port is its address's alone,
 * unless SO_REUSEADDR lets several targets share one that this program chose. */
static uint64_t tuples(const struct ports_facts *f)
{
	bool alone = f->early_bind || (f->own_port && !f->reuseaddr);

	return f->sources * (alone ? 1 : f->targets);
}

void ports_predict(const struct ports_facts *facts, struct ports_prediction *out)
{
	const struct lifetimes life = {
		.time_wait = time_wait_life(facts),
		.fin_wait2 = facts->fin_timeout_s,
		/* client-leak: the server holds, then the client keeps */
		.held = facts->open_s > 0 ? 2 * facts->open_s : HUGE_VAL,
	};
	const struct ports_facts turns = as_the_longest(facts, &life);
	const struct ports_facts *f = facts->own_port ? &turns : facts;

	*out = (struct ports_prediction){ .reuse = reuses(f) &&
						   facts->share_time_wait > 0 };
	out->per_tuple = usable_ports(f);
	out->tuples = tuples(f);
	out->budget = out->per_tuple * out->tuples;
	out->lifetime_s = mean_lifetime(facts, &life);
	out->max_rate = -1;
	out->exhaustion_s = -1;
	if (mean_lifetime(f, &life) > 0 && !f->pool && !capped(f, out->budget) &&
	    !luck(f, &life))
		out->max_rate =
			(double)(out->budget > f->kept ? out->budget - f->kept : 0) /
			mean_lifetime(f, &life);
	predict_moment(f, &life, out);
}
