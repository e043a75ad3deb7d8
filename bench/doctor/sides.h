/* sides - which end of each listed connection is the client's, and what that says of who closes. */
#ifndef TWSTORM_BENCH_DOCTOR_SIDES_H
#define TWSTORM_BENCH_DOCTOR_SIDES_H

#include "bench/doctor/facts.h"

/* Sets NOTED_CLIENT in each socket.  0, or -ENOMEM. */
int sides_tell(struct reading *read, struct err *err);
/* Are both ends of it on this host? */
bool sides_both_here(const struct reading *read, const struct noted_socket *s);
/* Sets closes_first. */
void sides_who_closes(struct facts *f);

#endif
