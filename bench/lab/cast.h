/* cast - what commands that make a scenario's text themselves share (`lab trace`, `lab wrap`): other people's programs in the
 * place of its processes, and --sysctl. */
#ifndef TWSTORM_BENCH_LAB_CAST_H
#define TWSTORM_BENCH_LAB_CAST_H

#include "bench/scenario/plan.h"
#include "common/cli/opt.h"

#define CAST_LISTEN_NS (5 * NS_PER_S) /* for a server to listen, on whatever port */

/* This command is what `proc` runs, with {HOST} in it for a host's first address; takes *argv. */
void cast_command(struct plan *p, struct plan_proc *proc, struct words *argv);
/* The command in one text, as a shell would split it; it is ready when its host has a listener on whatever port.
 * EXIT_USAGE. */
int cast_server(struct plan *p, struct plan_proc *proc, const char *command,
		struct err *err);
/* NAME=VALUE each, to be put into a scenario's text; EXIT_USAGE. */
int cast_check_sysctls(const struct opt_texts *texts, struct err *err);
/* Lines of a [host]; heap. */
char *cast_sysctls(const struct opt_texts *texts);
/* One of them is of this name. */
bool cast_has_sysctl(const struct opt_texts *texts, const char *name);

#endif
