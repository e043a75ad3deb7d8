/* time_wait_track - see time_wait_track.h. */
#include "common/kernel/time_wait_track.h"

#include "common/kernel/sampler.h"

#define NEARLY_ALL 100 /* so many times what the others have together */

static uint64_t over(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t all_of(const struct time_wait_track *k)
{
	return k->n[WHOSE_CLIENT] + k->n[WHOSE_SERVER] + k->n[WHOSE_OTHER];
}

/* The side that has nearly all TIME_WAIT; WHOSE_ALL = no one side. */
static enum whose owner_of(const struct time_wait_track *k)
{
	uint64_t all = all_of(k);

	for (enum whose w = 0; w < WHOSE_ALL; w++)
		if (k->n[w] > 0 && k->n[w] >= NEARLY_ALL * (all - k->n[w]))
			return w;
	return WHOSE_ALL;
}

/* Where /proc hides sockstat tw is 0, and says nothing. */
static bool sockstat_agrees(const struct time_wait_track *k, uint64_t tw)
{
	uint64_t counted = all_of(k) + k->minisocks;

	return tw + tw / 2 + 100 >= counted;
}

/* Whether the other sides had the same number all the time, as far as that is known. */
static bool others_rested(const struct time_wait_track *a,
			  const struct time_wait_track *b, enum whose owner)
{
	for (enum whose w = 0; w < WHOSE_ALL; w++)
		if (w != owner && a->n[w] != b->n[w])
			return false;
	return true;
}

struct sample_peak time_wait_track_dump(struct time_wait_track *k,
					const struct sample *full)
{
	const struct time_wait_track before = *k;
	struct sample_peak peak = { 0 };
	uint64_t others;

	*k = (struct time_wait_track){
		.n = { [WHOSE_CLIENT] = full->client.n[STATE_TIME_WAIT],
		       [WHOSE_SERVER] = full->server.n[STATE_TIME_WAIT],
		       [WHOSE_OTHER] = full->other.n[STATE_TIME_WAIT] },
		.before = { [WHOSE_CLIENT] = full->client_before,
			    [WHOSE_SERVER] = full->server_before },
		.client_in_range = full->time_wait_in_range,
		.minisocks = full->minisocks,
	};
	k->sockstat_agrees = sockstat_agrees(k, full->sockstat.tw);
	peak.whose = owner_of(k);
	if (peak.whose == WHOSE_ALL || peak.whose != owner_of(&before) ||
	    !others_rested(&before, k, peak.whose) || before.minisocks + k->minisocks > 0)
		return peak;
	others = all_of(k) - k->n[peak.whose];
	peak.highest = over(before.highest, others);
	peak.own = over(peak.highest, before.before[peak.whose]);
	return peak;
}

static uint64_t part_of(uint64_t whole, uint64_t part, uint64_t all)
{
	return all ? (uint64_t)((double)whole * (double)part / (double)all + 0.5) : 0;
}

/* One side's TIME_WAIT now that there are `waiting` in all. */
static uint64_t share_now(const struct time_wait_track *k, enum whose whose,
			  uint64_t waiting)
{
	enum whose owner = owner_of(k);
	uint64_t others;

	if (owner == WHOSE_ALL)
		return part_of(waiting, k->n[whose], all_of(k));
	if (whose != owner)
		return k->n[whose];
	others = all_of(k) - k->n[owner];
	return over(waiting, others);
}

/* Of the sockets in other states as many are left at most as the kernel has fewer than when they
 * were counted: they are in TIME_WAIT by now, or gone, and must not count twice. */
static uint64_t still_connected(struct sample *s)
{
	uint64_t connected = s->ports_in_use - s->time_wait_in_range;
	uint64_t gone = over(s->inuse, s->sockstat.inuse);

	s->inuse -= gone;
	return over(connected, gone);
}

bool time_wait_track_estimate(struct time_wait_track *k, struct sample *s)
{
	bool known = k->sockstat_agrees && all_of(k) > 0;
	uint64_t tw = s->sockstat.tw;
	uint64_t waiting = over(tw, s->minisocks);
	uint64_t connected = still_connected(s);

	if (!known)
		waiting = all_of(k);
	else if (s->minisocks == 0 && k->highest < waiting)
		k->highest = waiting;
	s->client.n[STATE_TIME_WAIT] = share_now(k, WHOSE_CLIENT, waiting);
	s->server.n[STATE_TIME_WAIT] = share_now(k, WHOSE_SERVER, waiting);
	s->other.n[STATE_TIME_WAIT] = share_now(k, WHOSE_OTHER, waiting);
	s->time_wait_in_range = part_of(s->client.n[STATE_TIME_WAIT], k->client_in_range,
					k->n[WHOSE_CLIENT]);
	s->ports_in_use = connected + s->time_wait_in_range;
	return known;
}
