/* owners - whose sockets are, in words, as far as whoever asks may know: the process whose descriptor it is, or else the
 * processes of its cgroup, or else the user. */
#ifndef TWSTORM_BENCH_DOCTOR_OWNERS_H
#define TWSTORM_BENCH_DOCTOR_OWNERS_H

#include "bench/doctor/facts.h"

/* Sets `owner` of the places of a live look, from /proc and the cgroup2 mount. */
void owners_find(struct facts *f);

#endif
