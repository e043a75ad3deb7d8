#include "common/ports/traits.h"

#include "common/ports/lives.h"

bool trait_closed_loop(const struct ports_facts *f)
{
	return f->load.rate.from <= 0;
}

bool trait_leaves(const struct ports_facts *f, enum port_life life)
{
	return closing_mix_share(&f->load.pick.mix, life) > 0;
}

bool trait_leaves_nothing(const struct ports_facts *f)
{
	return closing_mix_share(&f->load.pick.mix, PORT_FREE_AT_ONCE) >= 1;
}

bool trait_keeps_nothing(const struct ports_facts *f)
{
	return trait_leaves_nothing(f) && f->load.hold_ns == 0 && !f->load.pool;
}

bool trait_closes_together(const struct ports_facts *f)
{
	const struct closing_mix *mix = &f->load.pick.mix;
	bool any = false;

	for (unsigned i = 0; i < mix->n; i++)
		any |= mix->part[i].closing->together;
	return any;
}

bool trait_pool_keeps(const struct ports_facts *f)
{
	const struct load *l = &f->load;

	return l->pool && !l->max_requests && !l->max_age_ns && !l->idle_timeout_ns;
}

bool trait_is_luck(const struct ports_facts *f)
{
	bool any = false;

	for (int life = PORT_TIME_WAIT; life < PORT_LIVES; life++)
		any |= trait_leaves(f, (enum port_life)life) &&
		       lives_are_luck(f, (enum port_life)life);
	return any;
}
