#include "client/port_fill.h"

#include "common/base/memory.h"
#include "common/kernel/sampler.h"

void port_fill_begin(struct port_fill *f, const _Atomic uint64_t *counted,
		     uint64_t budget, unsigned workers)
{
	*f = (struct port_fill){ .counted = counted,
				 .budget = budget,
				 .workers = workers };
	if (budget == 0)
		f->counted = NULL;
	if (f->counted)
		f->seen = atomic_load_explicit(counted, memory_order_relaxed);
}

void port_fill_done(struct port_fill *f)
{
	for (unsigned i = 0; i < PORT_FILL_BANDS; i++)
		hist_done(&f->band[i]);
}

unsigned port_fill_band(uint64_t in_use, uint64_t budget)
{
	return in_use >= budget ? PORT_FILL_BANDS - 1
				: (unsigned)(in_use * PORT_FILL_BANDS / budget);
}

/* How exact: ports_in_use is up to a tick (100 ms) old; its TIME_WAIT is the kernel's own total
 * of that moment, the few others are of the last dump.  Since then this worker has taken
 * `since` ports and the others, which have an equal share of the load, about as many each.
 * What is not seen are ports that came free or were taken again out of TIME_WAIT since then:
 * a tick's worth too high, and never over the budget. */
static uint64_t in_use(struct port_fill *f)
{
	uint64_t word = atomic_load_explicit(f->counted, memory_order_relaxed);

	if (word != f->seen) {
		f->seen = word;
		f->since = 0;
	}
	return SAMPLER_PORTS(word) + f->since * f->workers;
}

void port_fill_record(struct port_fill *f, uint64_t took_ns, bool keeps)
{
	struct hist *h;

	if (!f->counted)
		return;
	h = &f->band[port_fill_band(in_use(f), f->budget)];
	f->since += keeps;
	/* 224 KiB each, and most runs see few of them: made when first needed. */
	if (!h->all && hist_init(h, NULL) < 0) {
		memory_lost();
		return;
	}
	hist_record(h, took_ns);
}
