/* crowd - remote ends that are more than there is memory for.  A dump before counts them in a bounded table.  Once the table of the
 * sockets is full, the remote ends that have most stay apart, and of these the source addresses that have most ports.  The others
 * are told by state and second, without their ends. */
#ifndef TWSTORM_BENCH_DOCTOR_CROWD_H
#define TWSTORM_BENCH_DOCTOR_CROWD_H

#include "bench/doctor/reading.h"
#include "bench/doctor/tally.h"

#define CROWD_REMOTES 64   /* remote ends that stay apart */
#define CROWD_SOURCES 4    /* of each of the first 20, so many source addresses */
#define CROWD_COUNTED 8192 /* whoever has more than 1 of 4,096 sockets is counted */

struct crowd { /* zeroed */
	struct tally_table remotes,
		pairs;    /* owned: those that are counted, then those that stay apart */
	uint64_t counted; /* sockets */
};

/* A socket of the dump before: its ends, port, state and flags are set. */
void crowd_count(struct crowd *c, const struct reading *r, const struct noted_socket *s);
/* Sets r->crowded, and folds what was seen so far.  Where nothing was counted before, what was seen so far is. */
void crowd_gather(struct crowd *c, struct reading *r);
/* Takes from a socket the ends that do not stay apart; sides_both_here() knows it all the same. */
void crowd_fold(const struct crowd *c, struct reading *r, struct noted_socket *s);
void crowd_done(struct crowd *c);

#endif
