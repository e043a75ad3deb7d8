/* until_full - how long until every port towards a remote end is taken, if connections go on as in the
 * last seconds: by the simulation that the client's prediction uses. */
#ifndef TWSTORM_BENCH_DOCTOR_UNTIL_FULL_H
#define TWSTORM_BENCH_DOCTOR_UNTIL_FULL_H

#include "bench/doctor/facts.h"

/* Sets full_in_ms of each remote[] whose TIME_WAIT has times, where this host closes first and the kernel
 * does not take such ports again.  Not known: they last, or it cannot be told.  0, or -ENOMEM. */
int until_full_find(struct facts *f, struct err *err);

#endif
