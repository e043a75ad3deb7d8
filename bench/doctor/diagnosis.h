/* diagnosis - from what was read to the document. */
#ifndef TWSTORM_BENCH_DOCTOR_DIAGNOSIS_H
#define TWSTORM_BENCH_DOCTOR_DIAGNOSIS_H

#include <jansson.h>
#include "bench/doctor/reading.h"

/* For json_decref(); NULL without memory. */
json_t *diagnosis_of(struct reading *read, struct err *err);
/* The same keys, of nothing. */
json_t *diagnosis_skeleton(void);

#endif
