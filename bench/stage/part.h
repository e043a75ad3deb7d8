/* part - one process of the plan as the keeper sees it: whether it is ready, whether it
 * has ended, and the message if it will never be ready. */
#ifndef TWSTORM_BENCH_STAGE_PART_H
#define TWSTORM_BENCH_STAGE_PART_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/scenario/plan.h"
#include "bench/stage/child.h"
#include "bench/stage/netns.h"
#include "common/base/err.h"

struct part {
	const struct plan_proc *proc;
	struct child *child; /* NULL until it is started */
	char *label;         /* owned: "server main" */
	uint64_t due_ns;     /* when it is to start; 0 = its cues have not come */
	uint64_t started_ns;
	bool listens;   /* seen so, of READY_LISTEN */
	bool looked_at; /* its end, by ends_look() */
};

/* child_start() returned r, negative, and said why: of a third party, which program it is about.  Returns
 * r. */
int part_not_started(const struct part *part, int r, struct err *err);
bool part_has_ended(const struct part *part);
/* Of a server or a third party; never of what leaves a result. */
bool part_is_ready(const struct part *part);
/* It has a way to show that it is: a server, or a process that is not ready at once. */
bool part_shows_ready(const struct plan_proc *proc);
/* Whether it is still expected to become so. */
bool part_waits(const struct part *part);
/* The text by which it says so; NULL if it does not say it. */
const char *part_awaited(const struct plan_proc *proc);
/* One look at a part that waits; for one that is to listen, the calling thread enters its
 * host.  -EINVAL with a sentence once it is too late. */
int part_check(struct part *part, const struct netns *net, size_t host, uint64_t now_ns,
	       struct err *err);

#endif
