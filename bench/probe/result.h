/* result (probe) - a probe's figures and the document they become. */
#ifndef TWSTORM_BENCH_PROBE_RESULT_H
#define TWSTORM_BENCH_PROBE_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "common/base/err.h"

struct probe;
struct probe_run;

/* Sets a figure named in probe->figures; `value` is stolen. */
void probe_set(struct probe_run *run, const char *figure, json_t *value);
void probe_set_count(struct probe_run *run, const char *figure, uint64_t n);
void probe_set_bool(struct probe_run *run, const char *figure, bool is);
/* "ok" for 0, otherwise the errno's name, "EADDRINUSE". */
void probe_set_errno(struct probe_run *run, const char *figure, int no);
/* The sentence that the result begins with. */
void probe_finding(struct probe_run *run, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* run->section with every figure null. */
json_t *probe_section(const struct probe *probe);
/* The document; `why` is NULL when it is complete.  *failed: expectations that are not true. */
json_t *probe_json(const struct probe_run *run, const struct err *why, unsigned *failed);
/* Its section, a line a figure behind `indent` blanks; of its groups only if `deep`. */
void probe_figures(FILE *to, int indent, const json_t *doc, bool deep);
/* The same for people. */
void probe_text(FILE *to, const struct probe *probe, const json_t *doc);

#endif
