/* applied - what a variant changes, as it was in force while it ran: sysctls as the client and its
 * server read them on their hosts, options as the client says that it took them; and what it
 * starts servers and processes with. */
#ifndef TWSTORM_BENCH_JUDGE_APPLIED_H
#define TWSTORM_BENCH_JUDGE_APPLIED_H

#include <jansson.h>
#include "bench/scenario/plan.h"

/* "client net.ipv4.tcp_tw_reuse = 1; client main --close client-rst", heap string; "" where the
 * variant changes nothing of that kind. */
char *applied_text(const struct plan *p, json_t *doc);

#endif
