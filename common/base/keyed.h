/* keyed - finds the row of a key in an array of rows that the caller has: a table of slots, allocated once, that says which row
 * it is.  Rows are never taken out alone; keyed_clear() forgets all. */
#ifndef TWSTORM_COMMON_BASE_KEYED_H
#define TWSTORM_COMMON_BASE_KEYED_H

#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"

struct keyed {
	uint32_t *slot;  /* owned: 1 + the number of a row, 0 = free */
	size_t most;     /* rows */
	size_t row_size; /* a row begins with its key */
	size_t key_size; /* a multiple of 8: no padding, since keys are compared as bytes */
	uint64_t seed;   /* so that peers cannot choose keys that collide */
};

/* 0, or -ENOMEM. */
int keyed_init(struct keyed *k, size_t most, size_t row_size, size_t key_size,
	       struct err *err);
void keyed_done(struct keyed *k);
void keyed_clear(struct keyed *k);
/* The number of the row with that key among the n that there are.  Without such a row it is n: the caller adds it there, with
 * that key.  SIZE_MAX: there is none and no room for one. */
size_t keyed_row(struct keyed *k, const void *rows, size_t n, const void *key);

#endif
