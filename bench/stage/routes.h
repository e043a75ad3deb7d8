/* routes - where packets of the hosts go, and what is done to them on the way: routes, forwarding, and
 * rules for nft(8). */
#ifndef TWSTORM_BENCH_STAGE_ROUTES_H
#define TWSTORM_BENCH_STAGE_ROUTES_H

#include "bench/scenario/plan.h"
#include "bench/stage/netns.h"

/* Gateways forward, and send no redirects: with one bridge the next hop is often nearer than they
 * are.  Before the sysctls of the scenario, which may say otherwise. */
int routes_forward(const struct plan *p, const struct netns *n, struct err *err);
/* Routes, and nft's rules.  EXIT_NO_SUPPORT where nft is not installed; where it refuses a rule
 * EXIT_USAGE with FILE:LINE and its words. */
int routes_apply(const struct plan *p, const struct netns *n, struct err *err);

#endif
