/* scenario_base - the scenario that tests of scenarios add lines to. */
#ifndef TWSTORM_TESTS_BENCH_SCENARIO_BASE_H
#define TWSTORM_TESTS_BENCH_SCENARIO_BASE_H

#include <string.h>
#include "bench/scenario/plan.h"
#include "bench/scenario/scenario.h"

#define BASE                                                                             \
	"[scenario]\nabout = a test\n"                                                   \
	"[host server]\n"                                                                \
	"[host client]\nsysctl.net.ipv4.tcp_tw_reuse = 0\n"                              \
	"[server main]\nhost = server\nargs = -l {server}:9000\n"                        \
	"[client main]\nhost = client\nargs = -t {server}:9000\n" /* 11 lines */

/* Reads the text as t.ini and builds every variant: 0 or the first error. */
static inline int read_text(const char *text, struct scenario *sc, struct err *err)
{
	int r = scenario_read(text, strlen(text), "t.ini", sc, err);

	for (size_t i = 0; r == 0 && i < sc->n_variants; i++) {
		struct plan p;

		r = plan_build(sc, sc->variants[i], false, &p, err);
		if (r == 0)
			plan_done(&p);
		else
			scenario_done(sc);
	}
	return r;
}

#endif
