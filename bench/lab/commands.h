/* commands - the commands below `twstorm lab`, a file each. */
#ifndef TWSTORM_BENCH_LAB_COMMANDS_H
#define TWSTORM_BENCH_LAB_COMMANDS_H

#include "bench/scenario/scenario.h"
#include "common/cli/complete.h"
#include "common/base/err.h"

/* Each is given its own argv from its name on, and returns an exit code. */
int lab_list_main(int argc, char **argv);
int lab_run_main(int argc, char **argv);
int lab_shell_main(int argc, char **argv);
int lab_trace_main(int argc, char **argv);
int lab_wrap_main(int argc, char **argv);
int lab_states_main(int argc, char **argv);

/* A scenario by name or path; EXIT_USAGE. */
int lab_load(const char *word, struct scenario *out, struct err *err);

/* What a shell offers: a scenario; a scenario, then one of its hosts; variants of the scenarios that
 * were named. */
extern const struct complete_values lab_scenarios, lab_scenario_host, lab_variants,
	lab_one_variant;

#endif
