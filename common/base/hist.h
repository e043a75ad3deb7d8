/* hist - a log-linear histogram of nanoseconds: 1024 buckets an octave, so a percentile is
 * within 0.1 % of the recorded value.  Constant memory, mergeable without loss; count,
 * sum, min and max are exact.  Values above the range are counted as overflow, never lost
 * (they are in count, sum and max).  One writer; no locks.  While it writes, other threads may call
 * hist_so_far(), and hist_merge() with the histogram as `from`, and nothing else.
 *
 * The buckets are spread over 224 KiB, which no cache keeps between two connections.  So a value
 * goes into a list first, and that is all that recording is.  When the list is full all its values
 * are counted, and the processor waits for many buckets at a time instead of for each. */
#ifndef TWSTORM_COMMON_BASE_HIST_H
#define TWSTORM_COMMON_BASE_HIST_H

#include <stdint.h>
#include "common/base/err.h"
#include "common/base/tally.h"

#define HIST_MAX_NS ((1ull << 37) - 1) /* ~137 s; above = overflow */

struct hist_buckets;

#define HIST_LISTED 64 /* values put down before they are counted */

struct hist {
	struct hist_buckets *all;                        /* owned */
	tally_t count, sum_ns, min_ns, max_ns, overflow; /* without what is listed */
	tally_t turns; /* how often the list was worked off, twice; odd = this is being done */
	tally_t n_listed; /* each value in `listed` is there before n_listed counts it */
	tally_t listed[HIST_LISTED];
};

int hist_init(struct hist *h, struct err *err); /* 0 or -ENOMEM */
void hist_done(struct hist *h);                 /* NULL-safe, half-built too */
/* Counts what is listed.  The writer does so after its last hist_record(), before anything else is
 * asked of h. */
void hist_settle(struct hist *h);
static inline void hist_record(struct hist *h, uint64_t ns)
{
	uint64_t n = tally_get(&h->n_listed);

	atomic_store_explicit(&h->listed[n], ns, memory_order_release);
	atomic_store_explicit(&h->n_listed, n + 1, memory_order_release);
	if (n + 1 == HIST_LISTED)
		hist_settle(h);
}
/* How many values there are, and their sum; h may be written meanwhile. */
uint64_t hist_so_far(const struct hist *h, uint64_t *sum_ns);
/* from may be written meanwhile: then what is added is a moment of it, and of two moments the later
 * one has no bucket with less. */
void hist_merge(struct hist *into, const struct hist *from);
unsigned hist_buckets(void);
/* How many were recorded in a bucket; bucket < hist_buckets(). */
uint64_t hist_in_bucket(const struct hist *h, unsigned bucket);
/* n more in a bucket, of another histogram that was written down: count, sum, min, max and
 * overflow are the caller's to set. */
void hist_add_to_bucket(struct hist *h, unsigned bucket, uint64_t n);
/* The bucket a value falls in (hist_buckets() if it is overflow), and a bucket's lowest value and width. */
unsigned hist_bucket_of(uint64_t ns);
uint64_t hist_bucket_low(unsigned bucket);
uint64_t hist_bucket_width(unsigned bucket);
/* The value below which `quantile` (0..1) of the records lie: the middle of its bucket,
 * clamped to [min, max]; max when it lies in the overflow; 0 when empty. */
uint64_t hist_quantile(const struct hist *h, double quantile);
double hist_mean(const struct hist *h);

#endif
