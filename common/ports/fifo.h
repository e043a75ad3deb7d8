/* fifo - a queue of moments, each with a number, in ascending order of the moment.  Made of
 * blocks that are freed when they are used up, 8 bytes an entry. */
#ifndef TWSTORM_COMMON_PORTS_FIFO_H
#define TWSTORM_COMMON_PORTS_FIFO_H

#include <stdbool.h>
#include <stdint.h>

/* A moment is kept in steps of 65,536 ns, so that it fits 32 bits up to three days. */
#define FIFO_SHIFT   16
#define FIFO_LAST_NS ((uint64_t)(UINT32_MAX - 1) << FIFO_SHIFT)

struct fifo_block;

struct fifo {                            /* zeroed = empty */
	struct fifo_block *first, *last; /* owned */
	uint32_t out, in;                /* entries of first taken, of last used */
	uint64_t n;
	uint64_t next_ns; /* the first moment, if there is an entry */
	bool lost;        /* an entry, for lack of memory */
};

void fifo_done(struct fifo *f);
void fifo_add(struct fifo *f, uint64_t at_ns, uint32_t what);
/* The first moment; UINT64_MAX = the queue is empty. */
static inline uint64_t fifo_next_ns(const struct fifo *f)
{
	return f->n ? f->next_ns : UINT64_MAX;
}

/* Takes the first entry; there is one. */
uint32_t fifo_take(struct fifo *f);

#endif
