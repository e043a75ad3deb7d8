/* probe - `twstorm lab probe NAME`: one experiment in the network namespace it is started in,
 * with both ends of its connections its own. */
#ifndef TWSTORM_BENCH_PROBE_PROBE_H
#define TWSTORM_BENCH_PROBE_PROBE_H

#include <jansson.h>
#include <stdio.h>
#include "common/base/err.h"

/* argv[0] is "probe".  Returns an exit code of common/base/err.h, or 128 + a signal. */
int probe_main(int argc, char **argv);
/* What a probe found, a line a figure, behind `indent` blanks. */
void probe_tell(FILE *to, int indent, const json_t *result);
/* The same one's result before anything was measured, every key there: new reference; NULL where the
 * command line is wrong. */
json_t *probe_skeleton(int argc, char **argv);
/* Refuses a command line that will be refused on any host, as command_check does. */
int probe_check(int argc, char **argv, struct err *err);

#endif
