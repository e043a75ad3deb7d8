/* variants - the variants of a scenario: which there are, and what they override. */
#ifndef TWSTORM_BENCH_SCENARIO_VARIANTS_H
#define TWSTORM_BENCH_SCENARIO_VARIANTS_H

#include "bench/scenario/scenario.h"

/* Whether a variant says anything of that key. */
bool variants_any(const struct scenario *sc, enum section section, const char *name,
		  const char *key);
/* One more, which overrides nothing yet. */
void variants_add(struct scenario *sc, const char *name);
/* What a variant overrides; NULL if there is no such variant. */
const struct settings *variants_overrides(const struct scenario *sc, const char *variant);
/* The settings of one variant: the base with its overrides applied, in the file's order. */
void variants_merge(const struct scenario *sc, const char *variant, struct settings *out);

#endif
