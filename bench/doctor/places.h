/* places - where most of the sockets of a state are: a port of this host, or a remote end. */
#ifndef TWSTORM_BENCH_DOCTOR_PLACES_H
#define TWSTORM_BENCH_DOCTOR_PLACES_H

#include "bench/doctor/facts.h"

/* Sets close_wait, fin_wait2, syn_sent, syn_recv, not_accepted.  0, or -ENOMEM. */
int places_find(struct facts *f, struct err *err);
/* Is every listed socket of one state, at one place?  Then nothing in the list shows where it begins or ends. */
bool places_all_alike(const struct reading *r);
/* Sets users, after remotes_find().  0, or -ENOMEM. */
int places_find_users(struct facts *f, struct err *err);

#endif
