/* address - the host's own address, for probes that need another than loopback. */
#ifndef TWSTORM_BENCH_PROBE_ADDRESS_H
#define TWSTORM_BENCH_PROBE_ADDRESS_H

#include "common/base/err.h"
#include "common/kernel/addr.h"

/* The host's first IPv4 address that is not loopback; port 0. */
int probe_first_address(struct addr *out, struct err *err);

#endif
