/* whole - one result made from all ranks. */
#ifndef TWSTORM_BENCH_MERGE_WHOLE_H
#define TWSTORM_BENCH_MERGE_WHOLE_H

#include <jansson.h>
#include "bench/merge/gather.h"

/* The merged result without `ranks` and `others`, which whole_text() adds: new reference, NULL with a
 * sentence.  g is put in order; it has a rank or a server at least.  *failed: expectations that the
 * whole does not meet. */
json_t *whole_make(struct gather *g, unsigned *failed, struct err *err);
/* The document as text, to be freed: that result, then a line for each rank.  NULL without memory. */
char *whole_text(const json_t *whole, const struct gather *g, size_t *len);

#endif
