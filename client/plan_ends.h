/* plan_ends - a run's targets and sources: may they be loaded, do they go together, which of them are
 * this rank's. */
#ifndef TWSTORM_CLIENT_PLAN_ENDS_H
#define TWSTORM_CLIENT_PLAN_ENDS_H

#include "common/base/err.h"

struct client_plan;

/* 0, or EXIT_USAGE with a sentence that names the address at fault. */
int plan_check_targets(const struct client_plan *p, struct err *err);
int plan_check_sources(const struct client_plan *p, struct err *err);
/* Leaves this rank's sources. */
void plan_share_sources(struct client_plan *p);

#endif
