/* renew - keeps TIME_WAIT sockets alive longer than their 60 s, without a descriptor for
 * any of them: an ACK from the peer's address and port starts the 60 s again, as a FIN that
 * is sent again does (RFC 9293, 3.10.7.4).  A raw socket in the peer's namespace sends it.
 * The answer makes the peer's kernel send a RST, which tcp_rfc1337=1 makes harmless. */
#ifndef TWSTORM_BENCH_HOLD_RENEW_H
#define TWSTORM_BENCH_HOLD_RENEW_H

#include "bench/hold/make.h"

/* Sets h->renewer.  EXIT_NO_SUPPORT without tcp_rfc1337=1 on the host or CAP_NET_RAW. */
void hold_renewer_open(struct hold *h);
/* Renews those that are due. */
int hold_renewer_turn(struct hold *h, struct err *err);
void hold_renewer_close(struct hold_renewer *r); /* NULL-safe */

#endif
