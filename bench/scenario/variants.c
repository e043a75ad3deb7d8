#include "bench/scenario/variants.h"

#include <stdlib.h>
#include <string.h>
#include "bench/text/text.h"

const struct settings *variants_overrides(const struct scenario *sc, const char *variant)
{
	for (size_t i = 0; i < sc->n_variants; i++)
		if (strcmp(sc->variants[i], variant) == 0)
			return &sc->overrides[i];
	return NULL;
}

bool variants_any(const struct scenario *sc, enum section section, const char *name,
		  const char *key)
{
	for (size_t i = 0; i < sc->n_variants; i++)
		if (settings_find(&sc->overrides[i], section, name, key))
			return true;
	return false;
}

void variants_add(struct scenario *sc, const char *name)
{
	size_t n = sc->n_variants + 1;

	sc->variants = text_checked(realloc(sc->variants, n * sizeof(*sc->variants)));
	sc->overrides = text_checked(realloc(sc->overrides, n * sizeof(*sc->overrides)));
	sc->variants[n - 1] = text_dup(name);
	sc->overrides[n - 1] = (struct settings){ 0 };
	sc->n_variants = n;
}

void variants_merge(const struct scenario *sc, const char *variant, struct settings *out)
{
	const struct settings *own = variants_overrides(sc, variant);

	*out = (struct settings){ 0 };
	for (size_t i = 0; i < sc->settings.n; i++)
		settings_apply(out, &sc->settings.at[i]);
	for (size_t i = 0; own && i < own->n; i++)
		settings_apply(out, &own->at[i]);
}
