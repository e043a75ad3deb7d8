/* doc - the facts as the JSON that twstorm.doctor/1 is made of; conditions and sentences of findings
 * name its paths.  What is not known is null. */
#ifndef TWSTORM_BENCH_DOCTOR_DOC_H
#define TWSTORM_BENCH_DOCTOR_DOC_H

#include <jansson.h>
#include "bench/doctor/facts.h"

/* Everything except for `first`, `says`, `findings` and `unsupported`; new reference. */
json_t *doc_of(const struct facts *f);
/* A document of nothing in which each array has elements, for --expect; new reference. */
json_t *doc_skeleton(void);

#endif
