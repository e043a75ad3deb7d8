/* fill - what connect() costs against how full the ports are: a histogram for each tenth of
 * the budget.  One per worker; one record, no system call and no clock read a connection. */
#ifndef TWSTORM_CLIENT_FILL_H
#define TWSTORM_CLIENT_FILL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "common/base/hist.h"

#define FILL_BANDS 10

struct fill {
	const _Atomic uint64_t *counted; /* borrowed: sampler_ports(); NULL = not known */
	uint64_t budget;
	unsigned workers;
	uint64_t seen;                /* the word that `since` counts from */
	uint64_t since;               /* ports that this worker took since then */
	struct hist band[FILL_BANDS]; /* owned; without buckets until first used */
};

/* Nothing is recorded until this was called with a word and a budget over 0. */
void fill_begin(struct fill *f, const _Atomic uint64_t *counted, uint64_t budget,
		unsigned workers);
void fill_done(struct fill *f);
/* A connect() that got a port took took_ns.  keeps: its port stays taken when it is closed. */
void fill_record(struct fill *f, uint64_t took_ns, bool keeps);
/* The tenth that in_use of budget (over 0) is in; full, or more than full, is the last. */
unsigned fill_band(uint64_t in_use, uint64_t budget);

#endif
