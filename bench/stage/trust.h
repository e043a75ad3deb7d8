/* trust - certificates for a lab's hosts, from an authority of the lab's own, which its processes trust. */
#ifndef TWSTORM_BENCH_STAGE_TRUST_H
#define TWSTORM_BENCH_STAGE_TRUST_H

#include "bench/scenario/plan.h"

/* Makes those of PLAN_TLS that the plan's command lines and files name; if there are any, what is started later trusts their
 * authority (SSL_CERT_FILE and its like).  EXIT_NO_SUPPORT: this twstorm has no TLS. */
int trust_make(const struct plan *p, struct err *err);

#endif
