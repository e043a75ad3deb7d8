/* plan_tls - what --tls means for this run's targets. */
#ifndef TWSTORM_CLIENT_PLAN_TLS_H
#define TWSTORM_CLIENT_PLAN_TLS_H

#include "client/options.h"

struct client_plan;

/* Reads the files that options name, so on this host only.  0, or -errno with a sentence. */
int plan_tls(const struct client_options *o, struct client_plan *p, struct err *err);

#endif
