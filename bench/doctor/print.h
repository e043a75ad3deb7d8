/* print - a document of twstorm.doctor/1 as text.  Decides nothing. */
#ifndef TWSTORM_BENCH_DOCTOR_PRINT_H
#define TWSTORM_BENCH_DOCTOR_PRINT_H

#include <jansson.h>
#include <stdio.h>

void doctor_print(FILE *to, const json_t *doc);
/* One of its findings. */
void doctor_print_finding(FILE *to, const json_t *finding);

#endif
