/* clock_offset - how far another machine's clock is ahead of ours, by an answer that tells that clock.
 * The other machine read its clock between question and answer: taken for the middle of the two, it
 * is wrong by half the round trip at most, however unequal the ways were (Cristian, NTP).  Reads no
 * clock; our side of the round trip is monotonic, so nobody who sets our wall clock meanwhile is in
 * the way. */
#ifndef TWSTORM_CLIENT_CLOCK_OFFSET_H
#define TWSTORM_CLIENT_CLOCK_OFFSET_H

#include <stdint.h>

struct clock_answer {
	uint64_t asked_ns, answered_ns; /* monotonic, ours */
	uint64_t told_ns; /* the other's, since 1970; 0 = there is no answer */
};

/* How well the answer bounds the offset at a moment of our monotonic clock, in ns: half the round trip,
 * and 0.1 ms for each second between, since clocks do not run alike. */
uint64_t clock_offset_error_ns(const struct clock_answer *a, uint64_t at_ns);
/* The other's clock minus ours, in ns, at a moment at which our wall clock showed wall_ns. */
int64_t clock_offset_ns(const struct clock_answer *a, uint64_t at_ns, uint64_t wall_ns);
/* Keeps the one of both that bounds the offset closer at that moment. */
void clock_offset_take(struct clock_answer *best, const struct clock_answer *next,
		       uint64_t at_ns);

#endif
