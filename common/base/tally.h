/* tally - counters that one thread writes and others read while it runs: relaxed atomics, no
 * lock, no read-modify-write.  Those of a result are rows of common/result/paths.def, so that a new
 * counter is one line. */
#ifndef TWSTORM_COMMON_BASE_TALLY_H
#define TWSTORM_COMMON_BASE_TALLY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic uint64_t tally_t; /* the one typedef: _Atomic reads badly in a list */

/* Only the owning thread adds. */
static inline void tally_add(tally_t *t, uint64_t n)
{
	atomic_store_explicit(t, atomic_load_explicit(t, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static inline uint64_t tally_get(const tally_t *t)
{
	return atomic_load_explicit(t, memory_order_relaxed);
}

static inline void tally_set(tally_t *t, uint64_t v)
{
	atomic_store_explicit(t, v, memory_order_relaxed);
}

/* Failures by errno; EHWPOISON (133) is the highest errno Linux has. */
#define TALLY_ERRNOS 134
struct tally_errnos {
	tally_t n[TALLY_ERRNOS]; /* index = errno, 0 = unknown or out of range */
};

/* Adds a block of `size` bytes that are nothing but counters to another. */
static inline void tally_add_all(void *into, const void *from, size_t size)
{
	tally_t *sum = into;

	for (size_t i = 0; i < size / sizeof(*sum); i++)
		tally_add(&sum[i], tally_get((const tally_t *)from + i));
}

/* Its place in tally_errnos. */
static inline unsigned tally_errno_at(int error)
{
	return error > 0 && error < TALLY_ERRNOS ? (unsigned)error : 0;
}

static inline void tally_errno(struct tally_errnos *t, int error)
{
	tally_add(&t->n[tally_errno_at(error)], 1);
}

#endif
