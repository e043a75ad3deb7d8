/* A scenario file: every variant is merged and becomes a plan, or one sentence why not. */
#include "bench/scenario/plan.h"
#include "bench/scenario/scenario.h"
#include "tests/fuzz/fuzz.h"

static void build(const struct scenario *sc)
{
	struct err err;
	struct plan p;

	for (size_t i = 0; i < sc->n_variants; i++)
		if (plan_build(sc, sc->variants[i], false, &p, &err) == 0)
			plan_done(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scenario sc;
	struct err err;

	if (scenario_read((const char *)data, size, "t.ini", &sc, &err) == 0) {
		build(&sc);
		scenario_done(&sc);
	}
	return 0;
}
