/* run (server) - `twstorm server`, the whole of it: its workers, its sampler, its admin listener,
 * from start to the result at the end. */
#ifndef TWSTORM_SERVER_RUN_H
#define TWSTORM_SERVER_RUN_H

#include <stdint.h>
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/kernel/host.h"
#include "common/loop/loop.h"
#include "common/kernel/sampler.h"
#include "server/options.h"
#include "server/worker.h"

struct admin;
struct books;

struct server_run {
	const struct server_options *options; /* borrowed */
	struct server_plan plan;              /* owned */
	struct server_worker **workers;       /* owned: plan.workers of them */
	struct loop loop;  /* the main thread's: signals, admin, progress */
	struct watch told; /* embedded: on signals_fd(), ends the wait */
	struct sampler
		*sampler; /* owned; NULL where the kernel refuses, or nobody would see */
	char sampler_missing[200]; /* why it is NULL */
	struct admin *admin;       /* owned; NULL = off */
	struct books *books;       /* owned; NULL where nobody can ask */
	struct host host;
	struct sample first; /* when it started */
	struct cpu_time cpu_first;
	uint64_t started_ns, started_wall_ns;
	int argc; /* the command line, for the result */
	char **argv;
};

/* argv[0] is "server"; returns the exit code. */
int server_main(int argc, char **argv);
/* See command_check_server. */
int server_check(int argc, char **argv, struct err *err);

#endif
