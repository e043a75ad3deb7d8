/* port_fill - what connect() costs against how full the ports are: a histogram for each tenth of
 * the budget.  One per worker; one record, no system call and no clock read a connection. */
#ifndef TWSTORM_CLIENT_PORT_FILL_H
#define TWSTORM_CLIENT_PORT_FILL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/base/hist.h"
#include "common/talk/closing.h"

#define PORT_FILL_BANDS 10

struct port_fill {
	const _Atomic uint64_t *counted; /* borrowed: sampler_ports(); NULL = not known */
	uint64_t budget;
	unsigned workers;
	uint64_t seen; /* the word that the newest record was made by */
	uint64_t over
		[PORT_LIVES]; /* connections of this worker, by what becomes of their port */
	uint64_t live_then; /* what was held, or open, at the last dump, of all workers */
	int64_t others; /* what was counted, without those and without what waited here */
	uint64_t from, to;   /* as many ports in use are in the newest record's band */
	struct hist *newest; /* that band */
	struct hist band[PORT_FILL_BANDS]; /* owned; without buckets until first used */
};

/* Nothing is recorded until this was called with a word and a budget over 0. */
void port_fill_begin(struct port_fill *f, const _Atomic uint64_t *counted,
		     uint64_t budget, unsigned workers);
void port_fill_done(struct port_fill *f);
/* A connect() that got a port took took_ns; this worker had `open` other connections open.  False:
 * it is in no band. */
bool port_fill_record(struct port_fill *f, uint64_t open, uint64_t took_ns);
/* One of them is open no longer. */
static inline void port_fill_closed(struct port_fill *f, enum port_life life)
{
	f->over[life]++;
}
/* The tenth that in_use of budget (over 0) is in; full, or more than full, is the last. */
unsigned port_fill_band(uint64_t in_use, uint64_t budget);

#endif
