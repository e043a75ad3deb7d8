/* time_wait_track - keeps TIME_WAIT up to date between two full dumps, from the kernel's O(1)
 * total: sockstat's tw, which counts FIN_WAIT2 without a descriptor too
 * (docs/kernel-facts.md#fin-wait2).  Where (nearly) all TIME_WAIT sockets are one side's, the change of
 * the total is that side's.  Otherwise the total is divided as the last full dump found it; that is
 * an estimate, and counts for no peak.  Pure. */
#ifndef TWSTORM_COMMON_KERNEL_TIME_WAIT_TRACK_H
#define TWSTORM_COMMON_KERNEL_TIME_WAIT_TRACK_H

#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/sides.h"

struct sample;

struct time_wait_track {
	uint64_t n[WHOSE_ALL];      /* TIME_WAIT at the newest full dump, by enum whose */
	uint64_t before[WHOSE_ALL]; /* of them, those from before the first count */
	uint64_t client_in_range;   /* of the client's, in the range of ports */
	uint64_t minisocks;         /* FIN_WAIT2 without a descriptor */
	bool sockstat_agrees;       /* it said about the same as that dump */
	uint64_t highest;           /* total of TIME_WAIT since, by sockstat */
};

/* The most that one side had between two full dumps; highest is 0 where that is not certain:
 * another side had some that changed, or there was FIN_WAIT2 among it.  What passed through
 * FIN_WAIT2 at a tick and was gone at the next dump is in it: as many as were closing then. */
struct sample_peak {
	enum whose whose;
	uint64_t highest;
	uint64_t own; /* of them, at least those that began since the first count */
};

/* Counts from this full dump on. */
struct sample_peak time_wait_track_dump(struct time_wait_track *k,
					const struct sample *full);
/* Sets TIME_WAIT and ports_in_use of a sample without TIME_WAIT, or an old one, by its
 * sockstat, read just now.  False where it tells nothing new: nobody had any TIME_WAIT at the
 * full dump, or sockstat did not agree; then it is as that dump found it. */
bool time_wait_track_estimate(struct time_wait_track *k, struct sample *s);

#endif
