#include "common/base/hist.h"

#include <math.h>
#include <stdlib.h>

#define STEP_BITS 10 /* 2^10 buckets an octave */
#define STEPS     (1u << STEP_BITS)
#define TOP_BITS  37 /* bits in HIST_MAX_NS */
#define BUCKETS   ((TOP_BITS - STEP_BITS + 1) * STEPS)

#define LISTED 64 /* values put down before their buckets are touched */

_Static_assert(HIST_MAX_NS == (1ull << TOP_BITS) - 1, "the range is whole octaves");

struct hist_buckets {
	unsigned n_listed;
	uint32_t listed[LISTED]; /* buckets that are to count one more each */
	uint64_t n[BUCKETS];
};

int hist_init(struct hist *h, struct err *err)
{
	*h = (struct hist){ .all = calloc(1, sizeof(*h->all)) };
	if (!h->all)
		return err_sys(err, "histogram");
	return 0;
}

void hist_done(struct hist *h)
{
	if (!h)
		return;
	free(h->all);
	h->all = NULL;
}

unsigned hist_buckets(void)
{
	return BUCKETS;
}

/* How far values of `bucket` are shifted right: 0 in the linear part and the first octave,
 * then one more an octave. */
static unsigned shift_of(unsigned bucket)
{
	return bucket < 2 * STEPS ? 0 : bucket / STEPS - 1;
}

unsigned hist_bucket_of(uint64_t ns)
{
	unsigned shift;

	if (ns > HIST_MAX_NS)
		return BUCKETS;
	if (ns < STEPS)
		return (unsigned)ns;
	shift = 63 - (unsigned)__builtin_clzll(ns) - STEP_BITS;
	return shift * STEPS + (unsigned)(ns >> shift);
}

uint64_t hist_bucket_low(unsigned bucket)
{
	unsigned shift = shift_of(bucket);

	return (uint64_t)(bucket - shift * STEPS) << shift;
}

uint64_t hist_bucket_width(unsigned bucket)
{
	return 1ull << shift_of(bucket);
}

/* Accounts for n values of which the least is low and the greatest high. */
static void widen(struct hist *h, uint64_t n, uint64_t low, uint64_t high)
{
	if (h->count == 0 || low < h->min_ns)
		h->min_ns = low;
	if (high > h->max_ns)
		h->max_ns = high;
	h->count += n;
}

static void work_off(struct hist_buckets *all)
{
	for (unsigned i = 0; i < all->n_listed; i++)
		all->n[all->listed[i]]++;
	all->n_listed = 0;
}

void hist_record(struct hist *h, uint64_t ns)
{
	widen(h, 1, ns, ns);
	h->sum_ns += ns;
	if (ns > HIST_MAX_NS) {
		h->overflow++;
		return;
	}
	h->all->listed[h->all->n_listed++] = hist_bucket_of(ns);
	if (h->all->n_listed == LISTED)
		work_off(h->all);
}

uint64_t hist_in_bucket(const struct hist *h, unsigned bucket)
{
	work_off(h->all);
	return h->all->n[bucket];
}

void hist_merge(struct hist *into, const struct hist *from)
{
	unsigned i;

	if (from->count == 0)
		return;
	widen(into, from->count, from->min_ns, from->max_ns);
	into->sum_ns += from->sum_ns;
	into->overflow += from->overflow;
	for (i = 0; i < BUCKETS; i++)
		into->all->n[i] += hist_in_bucket(from, i);
}

void hist_add_to_bucket(struct hist *h, unsigned bucket, uint64_t n)
{
	h->all->n[bucket] += n;
}

static uint64_t bucket_middle(unsigned bucket)
{
	return hist_bucket_low(bucket) + hist_bucket_width(bucket) / 2;
}

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* The record to look for, counted from 1: the smallest that has `quantile` of all records
 * at or below it.  The tiny factor keeps 0.999 * 10^6 from becoming 999000.0000001. */
static uint64_t rank_of(uint64_t count, double quantile)
{
	double rank = ceil(quantile * (double)count * (1 - 1e-12));

	return rank < 1 ? 1 : (uint64_t)rank;
}

uint64_t hist_quantile(const struct hist *h, double quantile)
{
	uint64_t rank, seen = 0;
	unsigned i;

	if (h->count == 0)
		return 0;
	if (!(quantile > 0))
		return h->min_ns;
	if (quantile >= 1)
		return h->max_ns;
	rank = rank_of(h->count, quantile);
	for (i = 0; i < BUCKETS; i++) {
		seen += hist_in_bucket(h, i);
		if (seen >= rank)
			return clamp(bucket_middle(i), h->min_ns, h->max_ns);
	}
	return h->max_ns; /* among the overflow: all that is known of it */
}

double hist_mean(const struct hist *h)
{
	return h->count ? (double)h->sum_ns / (double)h->count : 0;
}
