/* remotes - the connections by remote end, and the ports that those from here hold. */
#ifndef TWSTORM_BENCH_DOCTOR_REMOTES_H
#define TWSTORM_BENCH_DOCTOR_REMOTES_H

#include "bench/doctor/facts.h"
#include "bench/doctor/tally.h"

/* By what connections are told apart: of a client's the remote end, of a server's the remote address alone. */
struct tally_key remotes_key(const struct noted_socket *s);
/* The same with the source address: each has all ports to itself. */
struct tally_key remotes_pair_key(const struct noted_socket *s);
/* Sets remote[]: those that have most sockets.  0, or -ENOMEM. */
int remotes_find(struct facts *f, struct err *err);
/* Is the socket one of this remote's? */
bool remotes_has(const struct facts *f, unsigned remote, const struct noted_socket *s);

#endif
