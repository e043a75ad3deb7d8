/* document - what a host's counts came to, as JSON: the keys of hosts.NAME (docs/results.md), with moments as
 * seconds since begin_ns. */
#ifndef TWSTORM_BENCH_OBSERVE_DOCUMENT_H
#define TWSTORM_BENCH_OBSERVE_DOCUMENT_H

#include <jansson.h>
#include <stdint.h>
#include "bench/observe/counted.h"

/* New reference; NULL without memory. */
json_t *document_host(const struct counted *w, uint64_t begin_ns);

#endif
