/* failures - what failed while a live look lasted, and with whom; and whether connections of one exchange were made beside
 * such as are kept. */
#ifndef TWSTORM_BENCH_DOCTOR_FAILURES_H
#define TWSTORM_BENCH_DOCTOR_FAILURES_H

#include "bench/doctor/facts.h"

/* Sets failing[] and pool; after remotes_find(), since an IPv6 connection found no port only where that remote end's are all
 * taken.  Sorts what the reading has of it. */
void failures_find(struct facts *f);

#endif
