#include "common/ports/load.h"

#include "common/base/clock.h"
#include "common/base/share.h"

uint64_t load_places(const struct load *l, unsigned nth)
{
	return share_of(l->pool ? l->pool : l->concurrency, nth, l->pick.workers);
}

uint64_t load_arrivals(const struct load *l, unsigned nth)
{
	return l->limited ? share_of(l->limit, nth, l->pick.workers) : UINT64_MAX;
}

void load_pacer(const struct load *l, unsigned nth, uint64_t begin_ns, struct pacer *out)
{
	unsigned workers = l->pick.workers;
	struct rate rate = { .from = l->rate.from / workers, .to = l->rate.to / workers };
	double phase = (nth + (double)l->rank / l->ranks) / workers;

	pacer_init(out, &rate, (double)l->duration_ns / NS_PER_S, l->arrivals,
		   l->pick.seed * 7919 + nth, phase, begin_ns);
}

uint64_t load_due(const struct load *l, uint64_t until_ns)
{
	uint64_t sum = 0;

	for (unsigned nth = 0; nth < l->pick.workers; nth++) {
		uint64_t most = load_arrivals(l, nth), due;
		struct pacer pacer;

		load_pacer(l, nth, 0, &pacer);
		due = pacer_skip_arrivals(&pacer, until_ns);
		sum += due < most ? due : most;
	}
	return sum;
}
