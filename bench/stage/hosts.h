/* hosts - a plan's hosts made real inside the cell: namespaces, addresses, sysctls, and the
 * files that processes find in {tmp}: the admin token, each host's namespace as
 * netns/HOST for nsenter(1) and setns(2), certificates, and what [process] sections write. */
#ifndef TWSTORM_BENCH_STAGE_HOSTS_H
#define TWSTORM_BENCH_STAGE_HOSTS_H

#include <signal.h>
#include <stdbool.h>
#include "bench/scenario/plan.h"
#include "bench/stage/netns.h"
#include "bench/text/text.h"

/* Namespaces and addresses, which every lab needs.  EXIT_NO_SUPPORT names what prevents
 * them. */
int hosts_build(const struct plan *p, struct netns *out, struct err *err);
/* Sysctls and files: what this plan asks for.  machine_wide: of sysctl_outside().
 * EXIT_NO_SUPPORT: this kernel lacks it. */
int hosts_furnish(const struct plan *p, const struct netns *n,
		  const struct words *machine_wide, struct err *err);

/* What `lab shell` asks for. */
struct hosts_shell {
	const struct plan_host *host; /* borrowed */
	char *const *argv;            /* borrowed: a command, or NULL for a shell */
};
/* ^C goes to the process in the terminal's foreground; other signals are for this
 * process. */
bool hosts_from_terminal(const siginfo_t *info);
/* Runs it in that host, on the caller's terminal, until it ends; *status is waitpid()'s.
 * The signals of signals.h, which the caller has blocked with SIGCHLD, are passed on to it. */
int hosts_shell(const struct plan *p, const struct netns *n,
		const struct hosts_shell *shell, int *status, struct err *err);

#endif
