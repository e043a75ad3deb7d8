/* collector - the shell script that collects, on a host without twstorm, what `twstorm doctor FILE`
 * reads. */
#ifndef TWSTORM_BENCH_DOCTOR_COLLECTOR_H
#define TWSTORM_BENCH_DOCTOR_COLLECTOR_H

#include "common/base/err.h"

/* On stdout; 0 or -errno. */
int collector_print(struct err *err);

#endif
