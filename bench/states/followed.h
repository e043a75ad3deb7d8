/* followed - what came of a program that was followed, for people and as JSON. */
#ifndef TWSTORM_BENCH_STATES_FOLLOWED_H
#define TWSTORM_BENCH_STATES_FOLLOWED_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "bench/states/seen.h"
#include "common/kernel/host.h"
#include "common/kernel/proc_net.h"
#include "common/kernel/tcp_state.h"

struct followed {
	char *const *argv;       /* borrowed: the program and its arguments */
	const struct seen *seen; /* borrowed: its own sockets */
	struct host host;
	struct tcp_states before, end, peak; /* of this host, whoever's */
	struct kernel_counters counters;     /* over the run, whoever's */
	uint64_t began_wall_ns, took_ns, looks;
	size_t left_behind; /* processes that it had started, and that ran on when it had ended */
	int status;         /* of waitpid() */
	int caught;         /* the signal that this process got, or 0 */
};

void followed_text(const struct followed *f, FILE *to);
/* "schema": "twstorm.command/1"; new reference. */
json_t *followed_json(const struct followed *f);

#endif
