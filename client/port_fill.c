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

/* How exact: a count is up to a tick (100 ms) old, its TIME_WAIT is the kernel's own total of that
 * moment, all others are of the last dump.  Since then this worker's own sockets are known, and the
 * other workers, which have an equal share of the load, have as many.  What is not seen are ports
 * that came free, or were taken again out of TIME_WAIT, since the last tick.  A dump takes its time and
 * may have missed what was opened meanwhile, but what is open here is in use. */
static uint64_t in_use(struct port_fill *f, uint64_t open)
{
	uint64_t word = atomic_load_explicit(f->counted, memory_order_relaxed);
	uint64_t own = (open + f->held) * f->workers, all;

	if (SAMPLER_DUMPS(word) != SAMPLER_DUMPS(f->seen))
		f->live_then = own;
	if (word != f->seen)
		f->waiting_then = f->waiting;
	f->seen = word;
	all = SAMPLER_PORTS(word) + own + (f->waiting - f->waiting_then) * f->workers;
	return all > own + f->live_then ? all - f->live_then : own;
}

void port_fill_record(struct port_fill *f, uint64_t open, uint64_t took_ns)
{
	struct hist *h;

	if (!f->counted)
		return;
	h = &f->band[port_fill_band(in_use(f, open), f->budget)];
	/* 224 KiB each, and most runs see few of them: made when first needed. */
	if (!h->all && hist_init(h, NULL) < 0) {
		memory_lost();
		return;
	}
	hist_record(h, took_ns);
}
