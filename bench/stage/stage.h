/* stage - runs one plan: builds its hosts in a cell, starts its servers, waits until they
 * are ready, starts its clients, waits for their end, takes everything down.  It judges
 * nothing; what each client wrote is in json_fd. */
#ifndef TWSTORM_BENCH_STAGE_STAGE_H
#define TWSTORM_BENCH_STAGE_STAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "bench/scenario/plan.h"
#include "bench/stage/hosts.h"
#include "bench/stage/last_words.h"
#include "bench/stage/shown.h"
#include "bench/wire/wire.h"
#include "common/base/err.h"
#include "common/kernel/port_holder.h"

struct stage_proc {
	int status; /* of waitpid(), once ended */
	bool started, ended;
	bool by_itself;               /* it ended without having been told to */
	bool stubborn;                /* it was told to end, did not, and was killed */
	uint64_t ended_ns;            /* clock_ns() */
	char last[240];               /* its last line on stderr */
	struct last_words words;      /* of a [process] on stdout, too */
	struct last_words complaints; /* on stderr alone */
	uint64_t began_ns;            /* by the wall clock */
	uint64_t wall_ns;             /* from its start to its end */
	uint64_t user_us, system_us;  /* CPU time, with that of what it waited for */
	uint64_t most_kb;             /* of memory, of the largest of them */
	uint64_t said;                /* bytes; what is kept of them is in said_fd */
	unsigned
		left; /* processes that it had started, and that ran on when it had ended */
	unsigned port;             /* it said that this port is in use; 0 = it did not */
	struct port_holder holder; /* who had that port then */
};

/* What the keeper tells the runner, in memory they share. */
struct stage_report {
	int r; /* 0, or -errno and `err`: it could not be staged */
	struct err err;
	uint64_t start_ns, built_ns, finished_ns, gone_ns;
	bool has_hosts; /* this system can have a lab; what is missing then, the plan asked for */
	size_t failed_start; /* the process that did not get ready, counted from 1; or 0 */
	bool timed_out;
	char waiting
		[240];    /* then: "; client main never began: it waited for ..." or "" */
	int shell_status; /* of waitpid() */
	struct stage_proc procs[PLAN_PROCS];
	struct wire_stats wire[PLAN_HOSTS]; /* of hosts whose frames are impaired */
	struct wire_load wire_load;
};

struct stage {
	const struct plan *plan;     /* borrowed */
	struct stage_report *report; /* owned: mmap */
	int json_fd[PLAN_PROCS]; /* owned: a memfd for what writes a result, else -1 */
	int said_fd
		[PLAN_PROCS]; /* owned: a memfd for what a [process] said (kept.h), else -1 */
	int observed_fd; /* owned: a memfd, what observed hosts had; -1 = none is observed */
	const struct hosts_shell *shell; /* borrowed */
	int caught;    /* the signal of signals.h that cut it short, or 0 */
	bool own_user; /* it ran in a user namespace */
};

/* 0 if the plan was staged, however its clients fared; otherwise -errno with the reason.
 * The caller has called signals_catch(): the first signal is passed on to the clients, a second
 * one ends everything at once.
 *
 * With a shell (not NULL) the same hosts, but that in one of them instead of the plan's
 * processes.  ^C is for what runs there; a signal that somebody sent, or a SIGHUP, ends it. */
int stage_run(const struct plan *p, const struct hosts_shell *shell, struct stage *out,
	      struct err *err);
/* What a [process] said, as it came, the first and the last half of STAGE_SAID bytes: heap, *len
 * bytes and a NUL.  Of another part its last line on stderr. */
#define STAGE_SAID (1 << 20)
char *stage_said(const struct stage *s, size_t proc, size_t *len);
void stage_done(struct stage *s);
/* The JSON in one of its files, from the beginning; new reference, or NULL. */
json_t *stage_read(int fd);

#endif
