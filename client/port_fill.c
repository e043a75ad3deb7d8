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
	if (!f->counted)
		return;
	f->seen = atomic_load_explicit(counted, memory_order_relaxed);
	f->others = (int64_t)SAMPLER_PORTS(f->seen);
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

/* Over, and neither in TIME_WAIT nor free. */
static uint64_t held(const struct port_fill *f)
{
	return f->over[PORT_FIN_WAIT2] + f->over[PORT_HELD];
}

/* Since it was counted, this worker's connections count on. */
static void counted_anew(struct port_fill *f, uint64_t word, uint64_t own)
{
	if (SAMPLER_DUMPS(word) != SAMPLER_DUMPS(f->seen))
		f->live_then = own;
	f->seen = word;
	f->others = (int64_t)(SAMPLER_PORTS(word) - f->live_then -
			      f->over[PORT_TIME_WAIT] * f->workers);
}

/* How exact: a count is up to a tick (100 ms) old, its TIME_WAIT is the kernel's own total of that
 * moment, all others are of the last dump.  Since then this worker's own sockets are known, and the
 * other workers, which have an equal share of the load, have as many.  What is not seen are ports
 * that came free, or were taken again out of TIME_WAIT, since the last tick.  A dump takes its time and
 * may have missed what was opened meanwhile, but what is open here is in use. */
static uint64_t in_use(struct port_fill *f, uint64_t open)
{
	uint64_t word = atomic_load_explicit(f->counted, memory_order_relaxed);
	uint64_t own = (open + held(f)) * f->workers;
	int64_t others;

	if (word != f->seen)
		counted_anew(f, word, own);
	others = f->others + (int64_t)(f->over[PORT_TIME_WAIT] * f->workers);
	return others > 0 ? own + (uint64_t)others : own;
}

/* How many ports in use are the first of band i. */
static uint64_t first_of(const struct port_fill *f, unsigned i)
{
	return (i * f->budget + PORT_FILL_BANDS - 1) / PORT_FILL_BANDS;
}

/* 224 KiB each, and most runs see few of them: made when first needed. */
static void change_band(struct port_fill *f, uint64_t n)
{
	unsigned i = port_fill_band(n, f->budget);

	f->from = first_of(f, i);
	f->to = i == PORT_FILL_BANDS - 1 ? UINT64_MAX : first_of(f, i + 1);
	f->newest = &f->band[i];
	if (!f->newest->all && hist_init(f->newest, NULL) < 0) {
		memory_lost();
		f->to = 0; /* tried again */
	}
}

bool port_fill_record(struct port_fill *f, uint64_t open, uint64_t took_ns)
{
	uint64_t n;

	if (!f->counted)
		return false;
	n = in_use(f, open);
	if (n < f->from || n >= f->to)
		change_band(f, n);
	if (!f->newest->all)
		return false;
	hist_record(f->newest, took_ns);
	return true;
}
