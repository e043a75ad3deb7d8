#include "common/base/hist.h"

#include <assert.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/memory.h"

#define STEP_BITS 10 /* 2^10 buckets an octave */
#define STEPS     (1u << STEP_BITS)
#define TOP_BITS  37 /* bits in HIST_MAX_NS */
#define BUCKETS   ((TOP_BITS - STEP_BITS + 1) * STEPS)

_Static_assert(HIST_MAX_NS == (1ull << TOP_BITS) - 1, "the range is whole octaves");

struct hist_buckets {
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
	tally_set(&h->turns, 0);
	tally_set(&h->n_listed, 0);
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

/* Of a value that is none of overflow. */
static uint64_t bucket_of(uint64_t ns)
{
	unsigned shift;

	if (ns < STEPS)
		return ns;
	/* 63 ^ and not 63 -: that is one instruction, which finds the highest bit. */
	shift = (63 ^ (unsigned)__builtin_clzll(ns)) - STEP_BITS;
	return (uint64_t)shift * STEPS + (ns >> shift);
}

unsigned hist_bucket_of(uint64_t ns)
{
	return ns > HIST_MAX_NS ? BUCKETS : (unsigned)bucket_of(ns);
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

/* What values come to, without their buckets. */
struct extent {
	uint64_t n, sum, low, high, overflow;
};

/* All but e->overflow. */
static void extend(struct extent *e, uint64_t ns)
{
	e->n++;
	e->sum += ns;
	e->low = ns < e->low ? ns : e->low;
	e->high = ns > e->high ? ns : e->high;
}

static void widen(struct hist *h, const struct extent *by)
{
	if (tally_get(&h->count) == 0 || by->low < tally_get(&h->min_ns))
		store(&h->min_ns, by->low);
	if (by->high > tally_get(&h->max_ns))
		store(&h->max_ns, by->high);
	store(&h->sum_ns, tally_get(&h->sum_ns) + by->sum);
	store(&h->overflow, tally_get(&h->overflow) + by->overflow);
	store(&h->count, tally_get(&h->count) + by->n);
}

static void count_in(tally_t *bucket)
{
	store(bucket, tally_get(bucket) + 1);
}

/* Adds the n listed values to their buckets.  (What is returned stays in registers meanwhile.) */
static struct extent count_listed(struct hist *h, uint64_t n)
{
	struct extent e = { .low = UINT64_MAX };
	tally_t *buckets = h->all->n;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t ns = tally_get(&h->listed[i]);

		extend(&e, ns);
		if (ns <= HIST_MAX_NS)
			count_in(&buckets[bucket_of(ns)]);
		else
			e.overflow++;
	}
	return e;
}

void hist_settle(struct hist *h)
{
	uint64_t n = tally_get(&h->n_listed), turns = tally_get(&h->turns);
	struct extent e;

	if (n == 0)
		return;
	store(&h->turns, turns + 1);
	e = count_listed(h, n);
	widen(h, &e);
	store(&h->n_listed, 0);
	store(&h->turns, turns + 2);
}

uint64_t hist_in_bucket(const struct hist *h, unsigned bucket)
{
	assert(tally_get(&h->n_listed) == 0);
	return tally_get(&h->all->n[bucket]);
}

/* A histogram at one moment: what it comes to, and for each value of the list its bucket, and what that
 * had with it. */
struct moment {
	struct extent of;
	unsigned n; /* of the list, without overflow */
	uint32_t bucket[HIST_LISTED];
	uint64_t count[HIST_LISTED];
};

static void look_at_value(const struct hist *h, struct moment *m, uint64_t ns)
{
	unsigned i = m->n;

	extend(&m->of, ns);
	if (ns > HIST_MAX_NS) {
		m->of.overflow++;
		return;
	}
	m->bucket[i] = hist_bucket_of(ns);
	m->count[i] = load(&h->all->n[m->bucket[i]]) + 1;
	for (unsigned k = 0; k < i; k++)
		m->count[i] += m->bucket[k] == m->bucket[i];
	m->n++;
}

/* False: the list was worked off meanwhile. */
static bool try_look(const struct hist *h, struct moment *m)
{
	uint64_t turns = load(&h->turns), listed = load(&h->n_listed);

	*m = (struct moment){ .of = { load(&h->count), load(&h->sum_ns), load(&h->min_ns),
				      load(&h->max_ns), load(&h->overflow) } };
	if (m->of.n == 0)
		m->of.low = UINT64_MAX;
	for (uint64_t i = 0; i < listed; i++)
		look_at_value(h, m, load(&h->listed[i]));
	return turns % 2 == 0 && tally_get(&h->turns) == turns;
}

static void look(const struct hist *h, struct moment *m)
{
	while (!try_look(h, m))
		sched_yield();
}

uint64_t hist_so_far(const struct hist *h, uint64_t *sum_ns)
{
	struct moment m;

	look(h, &m);
	*sum_ns = m.of.sum;
	return m.of.n;
}

/* What is in the buckets, of another thread's histogram too; the sum of them.  The list is read
 * before the buckets: a value that is in neither of them now was recorded later. */
static uint64_t copy_buckets(const struct hist *h, const struct moment *m,
			     uint64_t n[BUCKETS])
{
	uint64_t count = 0;

	for (unsigned i = 0; i < BUCKETS; i++)
		n[i] = load(&h->all->n[i]);
	for (unsigned i = 0; i < m->n; i++)
		if (n[m->bucket[i]] < m->count[i])
			n[m->bucket[i]] = m->count[i];
	for (unsigned i = 0; i < BUCKETS; i++)
		count += n[i];
	return count;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	struct moment m;
	uint64_t *n;

	/* `all` may not be there yet.  In this order: the list becomes empty when `count` has it. */
	if (load(&from->n_listed) == 0 && load(&from->count) == 0)
		return;
	n = malloc(sizeof(from->all->n));
	if (!n) {
		memory_lost();
		return;
	}
	look(from, &m);
	m.of.n = copy_buckets(from, &m, n) + m.of.overflow;
	widen(into, &m.of);
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

	assert(tally_get(&h->n_listed) == 0);
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
	assert(tally_get(&h->n_listed) == 0);
	return h->count ? (double)h->sum_ns / (double)h->count : 0;
}
