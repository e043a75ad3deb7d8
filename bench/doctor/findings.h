/* findings - what the facts say: the rows of findings.def whose conditions hold, in their order. */
#ifndef TWSTORM_BENCH_DOCTOR_FINDINGS_H
#define TWSTORM_BENCH_DOCTOR_FINDINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Sets `first`, `says`, `findings` and `unsupported` of a document that has its facts. */
void findings_add(json_t *doc);
/* The same of a document of nothing (doc_skeleton()), in which each finding that there may be has its keys. */
void findings_add_skeleton(json_t *doc);
/* Does something fail now, or within so much time? */
bool findings_within(const json_t *doc, uint64_t horizon_ns);
/* Calls each() with every condition and sentence of the rows, for a test. */
void findings_each_text(void (*condition)(const char *text, void *arg),
			void (*sentence)(const char *text, void *arg), void *arg);

#endif
