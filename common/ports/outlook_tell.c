#include <math.h>

#include "common/base/clock.h"
#include "common/ports/lives.h"
#include "common/ports/outlook.h"
#include "common/ports/traits.h"

static bool agree(const struct outlook *look)
{
	double a = (double)look->longest.at_ns / NS_PER_S,
	       b = (double)look->shortest.at_ns / NS_PER_S;

	return look->longest.exhausted && look->shortest.exhausted &&
	       fabs(a - b) <= ports_near_s(fmin(a, b), false);
}

static bool too_long(const struct outlook *look)
{
	return look->longest.too_long || look->shortest.too_long;
}

/* The sentence about a run whose ports do or may run out, and when is not known. */

static bool nobody_knows_taken(const struct outlook *look)
{
	return look->f->taken_unknown;
}

static bool closed_loop(const struct outlook *look)
{
	return look->blind;
}

static bool crowd(const struct outlook *look)
{
	return look->crowd;
}

static bool doubtful(const struct outlook *look)
{
	return look->doubtful;
}

static bool pool_keeps(const struct outlook *look)
{
	return trait_pool_keeps(look->f);
}

/* --spread least goes by how long each connection takes, where targets are not alike. */
static bool least_luck(const struct outlook *look)
{
	const struct ports_facts *f = look->f;

	return f->load.pick.spread == SPREAD_LEAST &&
	       (f->targets < f->load.pick.n_targets ||
		(f->targets > 1 && f->taken.n > 0));
}

static bool autobind_luck(const struct outlook *look)
{
	return trait_is_luck(look->f);
}

static bool linger2_race(const struct outlook *look)
{
	return look->f->time_wait_unsure;
}

static bool both_race(const struct outlook *look)
{
	return trait_closes_together(look->f);
}

static bool unasked(const struct outlook *look)
{
	return look->f->taken.unasked > 0;
}

static bool any(const struct outlook *look)
{
	(void)look;
	return true;
}

struct because {
	bool (*is)(const struct outlook *look);
	const char *reason;
};

static const char *first_of(const struct because *row, const struct outlook *look)
{
	while (!row->is(look))
		row++;
	return row->reason;
}

static const struct because not_known[] = {
	{ nobody_knows_taken,
	  "which ports are taken already is not known, as this kernel lists no sockets" },
	{ crowd, "as many connections may be open at a time as there are ports" },
	{ closed_loop, "closed loop: the rate is not known before the run" },
	{ doubtful,
	  "too close to say: at the rate until now the ports last as long as the run, "
	  "but not if it grew" },
	{ least_luck,
	  "--spread least: which target has fewest in flight depends on how long each "
	  "connection takes" },
	{ too_long, "more than 5 million events would have to be simulated" },
	{ autobind_luck, "ip_autobind_reuse: once all ports are used bind() picks one at "
			 "random, free or not" },
	{ linger2_race,
	  "TCP_LINGER2 below 0: TIME_WAIT or a RST, as the server's FIN or its "
	  "ACK of ours comes first" },
	{ both_race, "--close both: which side keeps TIME_WAIT is a race" },
	{ unasked,
	  "this kernel does not tell which ports of other sockets are bound, and a "
	  "bound port cannot be had" },
	{ pool_keeps,
	  "a pool opens connections as it needs them, and how many is not known" },
	{ any, "too close to say: it depends on when the kernel's timers let ports go" },
};

/* The sentence about a run whose ports will not run out. */

static bool nothing_is_kept(const struct outlook *look)
{
	return trait_keeps_nothing(look->f);
}

static bool skipped(const struct outlook *look)
{
	return look->longest.skipped > 0;
}

static bool free_at_once(const struct outlook *look, enum port_life life)
{
	const struct ports_facts *f = look->f;

	return trait_leaves(f, life) && lives_kept_s(f, life, true) <= 0 &&
	       f->load.hold_ns == 0;
}

static bool retaken_at_once(const struct outlook *look)
{
	return lives_reuse(look->f) &&
	       (free_at_once(look, PORT_TIME_WAIT) || free_at_once(look, PORT_FIN_WAIT2));
}

static bool fin_wait2_left(const struct outlook *look)
{
	return free_at_once(look, PORT_FIN_WAIT2);
}

static bool sustained(const struct outlook *look)
{
	const struct rate *rate = &look->f->load.rate;

	return rate->from > 0 && look->budget->max_rate >= 0 &&
	       fmax(rate->from, rate->to) <= look->budget->max_rate;
}

static const struct because will_not[] = {
	{ nothing_is_kept,
	  "this way of closing leaves no TIME_WAIT on the client, so its "
	  "ports are free at once" },
	{ pool_keeps, "a pool keeps its connections, so it takes no new ports" },
	{ retaken_at_once, "SO_REUSEADDR and timestamps: a bound port is taken out of "
			   "TIME_WAIT at once" },
	{ fin_wait2_left,
	  "FIN_WAIT2 is left at once (TCP_LINGER2 below 0), so the ports are "
	  "free again" },
	{ skipped,
	  "tcp_max_tw_buckets is reached, so TIME_WAIT is skipped before the ports "
	  "run out" },
	{ sustained, "the rate is below what the ports sustain" },
	{ any, "the run ends before the ports do" },
};

/* The longest lives are enough to say that the ports will not run out. */
static bool never(const struct outlook *look)
{
	return !look->longest.exhausted && !too_long(look) && !nobody_knows_taken(look) &&
	       !look->crowd && !look->doubtful;
}

/* Whatever the rate is, the first connection of all finds no port; but ports in turn are tried each
 * before that can be said. */
static bool at_once(const struct outlook *look)
{
	return !(look->blind && look->f->own_port) && look->longest.exhausted &&
	       look->longest.connections == 0 && look->shortest.exhausted &&
	       look->shortest.connections == 0;
}

static bool is_known(const struct outlook *look)
{
	if (too_long(look) || nobody_knows_taken(look))
		return false;
	return at_once(look) || (!look->blind && !least_luck(look) && agree(look));
}

void outlook_tell(const struct outlook *look, struct ports_prediction *out)
{
	const struct sim_result *sim = &look->longest;

	out->cut = too_long(look);
	out->source = sim->source;
	out->target = sim->target;
	out->connections = sim->connections;
	out->at_slow = sim->at_slow;
	if (never(look)) {
		out->known = true;
		out->reason = first_of(will_not, look);
	} else if (!is_known(look)) {
		out->reason = first_of(not_known, look);
	} else {
		out->known = true;
		out->exhaustion_s =
			(double)(sim->at_ns + look->shortest.at_ns) / 2 / NS_PER_S;
		out->reason = "the ports run out within the run";
	}
}
