#include "common/base/hist.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/memory.h"

#define STEP_BITS 10 /* 2^10 buckets an octave */
#define STEPS     (1u << STEP_BITS)
#define TOP_BITS  37 /* bits in HIST_MAX_NS */
#define BUCKETS   ((TOP_BITS - STEP_BITS + 1) * STEPS)

#define LISTED 64 /* values put down before their buckets are touched */

_Static_assert(HIST_MAX_NS == (1ull << TOP_BITS) - 1, "the range is whole octaves");

struct hist_buckets {
	tally_t turns; /* how often the list was worked off, twice; odd = this is being done */
	tally_t n_listed; /* each value in `listed` is there before n_listed counts it */
	_Atomic uint32_t listed[LISTED]; /* buckets that are to count one more each */
	tally_t n[BUCKETS];
};

/* Field by field: another thread may look at `count` already. */
int hist_init(struct hist *h, struct err *err)
{
	h->all = calloc(1, sizeof(*h->all));
	tally_set(&h->count, 0);
	tally_set(&h->sum_ns, 0);
	tally_set(&h->min_ns, 0);
	tally_set(&h->max_ns, 0);
	tally_set(&h->overflow, 0);
	return h->all ? 0 : err_sys(err, "histogram");
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

/* Who reads one of these sees what was stored before. */
static void store(tally_t *t, uint64_t v)
{
	atomic_store_explicit(t, v, memory_order_release);
}

static uint64_t load(const tally_t *t)
{
	return atomic_load_explicit(t, memory_order_acquire);
}

/* Accounts for n values of which the least is low and the greatest high. */
static void widen(struct hist *h, uint64_t n, uint64_t low, uint64_t high)
{
	if (tally_get(&h->count) == 0 || low < tally_get(&h->min_ns))
		tally_set(&h->min_ns, low);
	if (high > tally_get(&h->max_ns))
		tally_set(&h->max_ns, high);
	store(&h->count, tally_get(&h->count) + n);
}

static void work_off(struct hist_buckets *all)
{
	uint64_t turns = tally_get(&all->turns), n = tally_get(&all->n_listed);

	if (n == 0)
		return;
	tally_set(&all->turns, turns + 1);
	for (uint64_t i = 0; i < n; i++) {
		tally_t *bucket = &all->n[atomic_load_explicit(&all->listed[i],
							       memory_order_relaxed)];

		store(bucket, tally_get(bucket) + 1);
	}
	store(&all->n_listed, 0);
	store(&all->turns, turns + 2);
}

void hist_record(struct hist *h, uint64_t ns)
{
	struct hist_buckets *all = h->all;
	uint64_t n;

	widen(h, 1, ns, ns);
	tally_add(&h->sum_ns, ns);
	if (ns > HIST_MAX_NS) {
		tally_add(&h->overflow, 1);
		return;
	}
	n = tally_get(&all->n_listed);
	atomic_store_explicit(&all->listed[n], hist_bucket_of(ns), memory_order_relaxed);
	store(&all->n_listed, n + 1);
	if (n + 1 == LISTED)
		work_off(all);
}

uint64_t hist_in_bucket(const struct hist *h, unsigned bucket)
{
	work_off(h->all);
	return tally_get(&h->all->n[bucket]);
}

/* What the list was at one moment: its buckets, and what each had with it. */
struct listed {
	uint64_t n;
	uint32_t bucket[LISTED];
	uint64_t count[LISTED];
};

/* False: it was worked off meanwhile. */
static bool look(const struct hist_buckets *all, struct listed *l)
{
	uint64_t turns = load(&all->turns);

	l->n = load(&all->n_listed);
	for (uint64_t i = 0; i < l->n; i++) {
		l->bucket[i] =
			atomic_load_explicit(&all->listed[i], memory_order_acquire);
		l->count[i] = load(&all->n[l->bucket[i]]) + 1;
		for (uint64_t k = 0; k < i; k++)
			l->count[i] += l->bucket[k] == l->bucket[i];
	}
	return turns % 2 == 0 && tally_get(&all->turns) == turns;
}

/* What is in the buckets, of another thread's histogram too; the sum of them.  The list is read
 * before the buckets: a value that is in neither of them now was recorded later. */
static uint64_t copy_buckets(const struct hist_buckets *all, uint64_t n[BUCKETS])
{
	struct listed l;
	uint64_t count = 0;

	while (!look(all, &l))
		sched_yield();
	for (unsigned i = 0; i < BUCKETS; i++)
		n[i] = load(&all->n[i]);
	for (uint64_t i = 0; i < l.n; i++)
		if (n[l.bucket[i]] < l.count[i])
			n[l.bucket[i]] = l.count[i];
	for (unsigned i = 0; i < BUCKETS; i++)
		count += n[i];
	return count;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	uint64_t *n, overflow = tally_get(&from->overflow), count;

	if (load(&from->count) == 0) /* `all` may not be there yet */
		return;
	n = malloc(sizeof(from->all->n));
	if (!n) {
		memory_lost();
		return;
	}
	count = copy_buckets(from->all, n) + overflow;
	widen(into, count, tally_get(&from->min_ns), tally_get(&from->max_ns));
	tally_add(&into->sum_ns, tally_get(&from->sum_ns));
	tally_add(&into->overflow, overflow);
	for (unsigned i = 0; i < BUCKETS; i++)
		tally_add(&into->all->n[i], n[i]);
	free(n);
}

void hist_add_to_bucket(struct hist *h, unsigned bucket, uint64_t n)
{
	tally_add(&h->all->n[bucket], n);
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
