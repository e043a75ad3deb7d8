/* offer - what a shell offers for scenarios, their variants and their hosts. */
#include <string.h>
#include "bench/lab/commands.h"
#include "bench/scenario/catalog.h"

static void offer_one(const char *name, const struct scenario *sc, void *c)
{
	complete_name(c, name, catalog_about(sc));
}

static void offer_scenarios(const struct complete *c)
{
	catalog_each(offer_one, (void *)c, NULL);
	complete_files(c, ".ini");
}

static void offer_variants(const struct complete *c)
{
	struct scenario sc;

	for (int i = 0; i < c->n_words; i++) {
		if (lab_load(c->words[i], &sc, NULL) < 0)
			continue;
		for (size_t j = 0; j < sc.n_variants; j++)
			complete_name(c, sc.variants[j], NULL);
		scenario_done(&sc);
	}
}

static void offer_hosts(const struct complete *c, const struct settings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].section == SECTION_HOST && !*s->at[i].key)
			complete_name(c, s->at[i].name, NULL);
}

static void offer_scenario_host(const struct complete *c)
{
	struct scenario sc;

	if (c->n_words == 0)
		offer_scenarios(c);
	if (c->n_words != 1 || lab_load(c->words[0], &sc, NULL) < 0)
		return;
	offer_hosts(c, &sc.settings);
	scenario_done(&sc);
}

const struct complete_values lab_scenarios = { offer_scenarios, false, NULL };
const struct complete_values lab_scenario_host = { offer_scenario_host, false, NULL };
const struct complete_values lab_variants = { offer_variants, true, NULL };
const struct complete_values lab_one_variant = { offer_variants, false, NULL };
