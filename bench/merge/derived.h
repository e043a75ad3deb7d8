/* derived - figures of a merged result that come from its other figures, and what no figure can be
 * had for. */
#ifndef TWSTORM_BENCH_MERGE_DERIVED_H
#define TWSTORM_BENCH_MERGE_DERIVED_H

#include <jansson.h>
#include <stddef.h>

/* doc: the ranks' figures folded; of so many ranks in so many network namespaces, which took
 * duration_s together. */
void derived_set(json_t *doc, size_t ranks, unsigned spaces, double duration_s);

#endif
