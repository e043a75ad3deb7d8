/* tree - the processes below this one, and the sockets that they have open, by /proc: no more than anybody may read. */
#ifndef TWSTORM_BENCH_STATES_TREE_H
#define TWSTORM_BENCH_STATES_TREE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "common/base/err.h"

#define TREE_PROCESSES 4096

struct tree {
	pid_t pid[TREE_PROCESSES];
	size_t n;
	uint32_t *inode; /* owned, sorted: of sockets */
	size_t n_inodes, room;
};

/* Processes that lose their parent become children of this one, so that they are found: from now on.  EXIT_NO_SUPPORT where
 * /proc does not list children. */
int tree_begin(struct tree *t, struct err *err);
/* Looks at all of them; -ENOMEM. */
int tree_look(struct tree *t, struct err *err);
bool tree_has(const struct tree *t, uint32_t inode);
void tree_signal(const struct tree *t, int sig);
void tree_done(struct tree *t);

#endif
