/* tally - counts keys of one kind: ends of connections.  Grows with the number of keys. */
#ifndef TWSTORM_BENCH_DOCTOR_TALLY_H
#define TWSTORM_BENCH_DOCTOR_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/doctor/endpoint.h"

/* Compared as bytes: clear it before it is filled. */
struct tally_key {
	unsigned char a[16], b[16]; /* hosts; b of pairs alone */
	uint16_t port;
	uint8_t a_kind, b_kind;
	uint32_t extra; /* whatever else tells two keys apart */
};

struct tally_entry {
	struct tally_key key;
	uint64_t n;
	uint32_t place; /* from 0, in the order in which they came */
};

struct tally_table {
	struct tally_entry *at; /* owned */
	uint32_t *slot;         /* owned: 1 + index; 0 = free */
	size_t n, room, slots;
	bool no_memory; /* a key is missing */
};

/* The end that the key's first host and its port are. */
struct endpoint tally_end(const struct tally_key *key);
/* n more of a key. */
void tally_add(struct tally_table *t, const struct tally_key *key, uint64_t n);
uint64_t tally_of(const struct tally_table *t, const struct tally_key *key);
/* Which key it was, from 1 in the order in which they came; 0 = not there. */
uint32_t tally_place(const struct tally_table *t, const struct tally_key *key);
/* Once the table has `most` keys: takes from each what half of them have at most, and forgets those that have nothing then.  So of
 * n that were added at most n / (most / 2) are missing of each (Misra and Gries). */
void tally_thin(struct tally_table *t, size_t most);
/* Largest first; of equals the one that came first.  Nothing may be added or asked for afterwards. */
void tally_sort(struct tally_table *t);
void tally_done(struct tally_table *t);

#endif
