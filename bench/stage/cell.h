/* cell - the box a lab runs in: a process, the keeper, that is number 1 of a PID namespace
 * of its own, in a user namespace (so root is not needed) and a private mount namespace.
 *
 * Why a PID namespace, and not PR_SET_PDEATHSIG on every process: when the keeper ends, by
 * whatever cause, the kernel kills everything in it, daemons that forked away included.
 * So only the keeper's own death must be tied to the runner's: PR_SET_PDEATHSIG, and a
 * pipe (the leash) for the moment before that is set, because getppid() is 0 on both sides
 * of the race when the parent is outside the namespace.  Nothing in a cell has a name on
 * disk: network namespaces are held by descriptors, files are on a tmpfs of the cell's own,
 * so there is nothing to clean up. */
#ifndef TWSTORM_BENCH_STAGE_CELL_H
#define TWSTORM_BENCH_STAGE_CELL_H

#include <stdbool.h>
#include <sys/types.h>
#include "common/base/err.h"

struct cell {
	pid_t pid;     /* of the keeper, as the runner sees it */
	int leash;     /* owned: the runner's end; the keeper's sees its closing */
	bool own_user; /* in a user namespace of its own */
};

/* What the keeper is given. */
struct cell_inside {
	int leash; /* readable (end of file) once the runner is gone */
	bool own_user;
	unsigned uid, gid; /* the runner's, outside */
};

/* Starts the keeper: it runs main(inside, arg) and ends with what that returns.  The caller
 * has one thread.  EXIT_NO_SUPPORT where the system lets us have no namespaces. */
int cell_start(int (*main)(const struct cell_inside *inside, void *arg), void *arg,
	       struct cell *out, struct err *err);
/* The keeper's first step: ties itself to the runner, becomes root of the namespaces, gets
 * a /proc of its own and an empty tmpfs on PLAN_TMP.  With a session of its own it does not
 * hear the terminal's ^C: that is for the runner, which passes it on.  Where the caller is
 * root, what /proc and /sys have of the whole machine becomes read-only. */
int cell_enter(const struct cell_inside *inside, bool own_session, struct err *err);
/* For a process of the lab that is to write nowhere but below PLAN_TMP: to the calling process
 * all other files become read-only for good (from Linux 5.12 on).  -1 with errno. */
int cell_close_files(void);
/* For a program that refuses root: the calling process is that user and group, alone in a user
 * namespace of its own, as by `unshare -U --map-user`; files keep their owner.  -1 with errno. */
int cell_become_user(unsigned user);

#endif
