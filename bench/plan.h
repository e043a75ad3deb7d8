/* plan - one variant of a scenario, ready to be run: hosts with their addresses and
 * sysctls, the processes with their whole command lines, what is expected.  Everything in
 * a file that can be wrong is found here, before anything is started.
 *
 * In `args`, {HOST} is a host's first address, {HOST.2} its second, {HOST.all} all of them
 * with commas between, {tmp} the lab's private directory. */
#ifndef TWSTORM_BENCH_PLAN_H
#define TWSTORM_BENCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/scenario.h"
#include "bench/text.h"
#include "common/err.h"

#define PLAN_HOSTS      16
#define PLAN_PROCS      32
#define PLAN_TMP        "/dev/shm" /* a tmpfs of the lab's own: nothing is left on any disk */
#define PLAN_TOKEN      PLAN_TMP "/token"
#define PLAN_ADMIN_PORT 9100

struct plan_address {
	int family;              /* AF_INET or AF_INET6 */
	unsigned char bytes[16]; /* network order */
	unsigned prefix;
	char text[64]; /* without the prefix */
};

struct plan_host {
	const char *name; /* borrowed, like every string below, from `settings` */
	struct plan_address *addresses; /* owned */
	size_t n_addresses;
	const struct setting **sysctls; /* owned; key without "sysctl." */
	size_t n_sysctls;
	unsigned line;
};

struct plan_proc {
	enum section kind; /* SECTION_SERVER or SECTION_CLIENT */
	const char *name;
	const struct plan_host *host;
	const struct plan_proc
		*stats; /* a client's: the server whose states it asks for */
	const struct setting *args, *host_setting, *stats_setting;
	char admin[80];    /* a server's: where it answers, ADDR:PORT */
	struct words argv; /* "twstorm", "client", ... */
	unsigned line;
};

struct plan_expect {
	const struct plan_proc *client;
	const struct setting *setting; /* key = the phrase, value = PATH OP VALUE */
};

struct plan {
	const struct scenario *scenario; /* borrowed */
	const char *variant;             /* borrowed from the scenario */
	struct settings settings;        /* owned: what all of it is made from */
	const char *about, *next;        /* "" where there is none */
	unsigned seconds;                /* time limit */
	struct plan_host hosts[PLAN_HOSTS];
	struct plan_proc procs[PLAN_PROCS];
	struct plan_expect *expects; /* owned */
	size_t n_hosts, n_procs, n_expects;
	bool quiet;
};

/* quiet: the processes are not asked for progress lines.  EXIT_USAGE with FILE:LINE. */
int plan_build(const struct scenario *sc, const char *variant, bool quiet,
	       struct plan *out, struct err *err);
void plan_done(struct plan *p);

const struct plan_host *plan_host(const struct plan *p, const char *name);

#endif
