/* sample_pace - see sample_pace.h. */
#include "common/kernel/sample_pace.h"

/* A full dump that would fit into every tick leaves no room for a cheaper kind. */
static bool full_always(const struct sample_pace *p)
{
	return (double)p->full_cost <= p->budget * (double)p->tick_ns;
}

enum sample_kind sample_pace_next(const struct sample_pace *p, uint64_t now_ns,
				  bool mostly_waiting)
{
	if (now_ns >= p->full_at)
		return SAMPLE_FULL;
	return mostly_waiting && now_ns >= p->live_at ? SAMPLE_LIVE : SAMPLE_TOTAL;
}

/* After that long, counted from its end, it was no more than its share. */
static uint64_t pause_ns(uint64_t cost_ns, double share)
{
	return (uint64_t)((double)cost_ns / share) - cost_ns;
}

/* After a full dump: at the next tick, or, while the cost of a live dump is not known, as if
 * it were half of a full dump's. */
static uint64_t next_live(const struct sample_pace *p, uint64_t full_ns, uint64_t now_ns)
{
	uint64_t careful = pause_ns(full_ns / 2, p->budget / 2);

	if (p->live_cost == 0 && careful > p->tick_ns)
		return now_ns + careful;
	return now_ns + p->tick_ns - full_ns;
}

/* Where full dumps are too expensive for each tick, they have half of the budget and live ones
 * the other half.  A full dump tells all that a live one would. */
void sample_pace_spent(struct sample_pace *p, enum sample_kind kind, uint64_t cost_ns,
		       uint64_t now_ns)
{
	if (kind == SAMPLE_LIVE) {
		p->live_cost = cost_ns;
		p->live_at = now_ns + pause_ns(cost_ns, p->budget / 2);
	} else if (kind == SAMPLE_FULL) {
		p->full_cost = cost_ns;
		p->full_at = now_ns + pause_ns(cost_ns, full_always(p) ? p->budget
								       : p->budget / 2);
		if (p->live_at < next_live(p, cost_ns, now_ns))
			p->live_at = next_live(p, cost_ns, now_ns);
	}
}
