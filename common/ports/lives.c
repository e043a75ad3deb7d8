#include "common/ports/lives.h"

#include <math.h>

#include "common/base/clock.h"

/* A paced run may start 10 ms' worth of connections at once (pacer.h). */
#define BURST_S 0.02

static bool autobind_reuses(const struct ports_facts *f)
{
	return f->early_bind && f->reuseaddr && f->autobind_reuse;
}

bool lives_are_luck(const struct ports_facts *f, enum port_life life)
{
	bool retaken = life == PORT_TIME_WAIT && f->timestamps;

	return autobind_reuses(f) && (retaken || f->targets > 1);
}

/* connect() takes a port out of TIME_WAIT, with timestamps.  A port that connect() chose: if
 * tcp_tw_reuse is 1, or 2 (the default) on loopback (docs/kernel-facts.md#reuse).  A port
 * that was bound: at once, whatever tcp_tw_reuse says, if SO_REUSEADDR lets bind() have it
 * (docs/kernel-facts.md#bound-reuse). */
bool lives_reuse(const struct ports_facts *f)
{
	if (f->own_port || f->early_bind)
		return f->timestamps &&
		       ((f->own_port && f->reuseaddr) || autobind_reuses(f));
	return f->timestamps && (f->tw_reuse == 1 || (f->tw_reuse == 2 && f->loopback));
}

/* The timer wheel: level n has steps of 8^n ticks and reaches 63 x 8^n ticks ahead; a timer ends
 * with the step that it falls into (calc_wheel_index(), docs/kernel-facts.md#timer-steps). */
double lives_timer_slack_s(double after_s, double tick_s)
{
	double step_s = tick_s;

	if (tick_s <= 0)
		return after_s / 8;
	for (double reach_s = 63 * tick_s; after_s >= reach_s; reach_s *= 8)
		step_s *= 8;
	return step_s;
}

static double timer_s(const struct ports_facts *f, double after_s, bool longest)
{
	return longest ? after_s + lives_timer_slack_s(after_s, f->tick_s) + LIVES_LATE_S
		       : after_s;
}

static double reused_after_s(const struct ports_facts *f, bool longest)
{
	if (f->own_port || f->early_bind)
		return 0;
	if (f->tw_reuse_delay_s < 0)
		return longest ? 1 + BURST_S : 0;
	return f->tw_reuse_delay_s + (longest ? BURST_S : 0);
}

static double time_wait_s(const struct ports_facts *f, bool longest)
{
	if (f->time_wait_unsure && !longest)
		return 0;
	return lives_reuse(f) && !lives_are_luck(f, PORT_TIME_WAIT)
		       ? reused_after_s(f, longest)
		       : timer_s(f, PORTS_TIME_WAIT_S, longest);
}

/* FIN_WAIT2 without a descriptor is never taken again for tcp_tw_reuse.  For a bound port
 * timestamps alone count, as for TIME_WAIT.  A server that leaks lets go after --hold: if its FIN
 * comes before the timer ends, FIN_WAIT2 becomes TIME_WAIT. */
static double fin_wait2_s(const struct ports_facts *f, bool longest)
{
	double hold_s = (double)f->load.hold_ns / NS_PER_S;
	double ends_s = timer_s(f, f->fin_timeout_s, longest);
	bool retaken = f->own_port && f->reuseaddr && f->timestamps;

	if (retaken || f->fin_timeout_s <= 0)
		return 0;
	return hold_s > 0 && hold_s < ends_s ? hold_s + time_wait_s(f, longest) : ends_s;
}

double lives_kept_s(const struct ports_facts *f, enum port_life life, bool longest)
{
	double hold_s = (double)f->load.hold_ns / NS_PER_S;

	if (!longest && lives_are_luck(f, life))
		return 0;
	switch (life) {
	case PORT_TIME_WAIT:
		return time_wait_s(f, longest);
	case PORT_FIN_WAIT2:
		return fin_wait2_s(f, longest);
	case PORT_HELD: /* the server holds, then the client keeps for as long */
		return hold_s > 0 ? hold_s : HUGE_VAL;
	default:
		return 0;
	}
}

static uint64_t to_ns(double s)
{
	return isinf(s) ? UINT64_MAX : (uint64_t)llround(s * NS_PER_S);
}

void lives_set(const struct ports_facts *f, bool longest, struct lives *out)
{
	for (int life = 0; life < PORT_LIVES; life++)
		out->after_ns[life] =
			to_ns(lives_kept_s(f, (enum port_life)life, longest));
	/* A connection that takes such a port again takes over its bucket: where there are few
	 * of them, that keeps most of the others. */
	out->bucket_ns =
		longest ? out->after_ns[PORT_TIME_WAIT] : to_ns(PORTS_TIME_WAIT_S);
}
