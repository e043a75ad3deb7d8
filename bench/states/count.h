/* count - counts this network namespace's TCP sockets once, in one pass: by sock_diag,
 * or, where the kernel has none for us, by reading /proc/net/tcp and tcp6, which costs four
 * times as much.  Knows nothing of options and output. */
#ifndef TWSTORM_BENCH_STATES_COUNT_H
#define TWSTORM_BENCH_STATES_COUNT_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/states/groups.h"
#include "common/base/err.h"
#include "common/kernel/host.h"
#include "common/kernel/proc_net.h"
#include "common/kernel/sock_diag.h"
#include "common/kernel/tcp_state.h"

/* Where the figures come from; opened once. */
struct states_source {
	struct sock_diag *diag; /* owned, for sock_diag_close(); NULL = /proc */
	const char *proc;       /* borrowed: PROC_ROOT, or what TWSTORM_PROC_ROOT says */
	const char *method;     /* "sock_diag" or "/proc/net/tcp" */
	struct err why_no_diag; /* its text, when diag is NULL */
	struct host host;
	struct host_ports ephemeral; /* the kernel's default when it cannot be read */
};

int states_source_open(struct states_source *out, struct err *err);

/* STATES_BY_END: a remote end that was connected to, or the own port that was. */
enum states_by { STATES_BY_STATE, STATES_BY_PEER, STATES_BY_PORT, STATES_BY_END };
extern const char *const states_by_names[]; /* "state", "peer", ...; ended by NULL */

/* Which sockets count, and by what.  A port filter passes a socket whose local or remote
 * port is in the set. */
struct states_want {
	uint32_t states;      /* mask, SOCK_DIAG_BOUND included where wanted */
	bool by_ports;        /* false: every port */
	struct port_set port; /* that are wanted */
	enum states_by by;
};

/* "80,443,8000-8010" into the set; "TIME_WAIT,SYN-SENT,estab" into the mask.  0 or
 * -EINVAL with the part at fault (EXIT_USAGE). */
int states_want_ports(struct states_want *w, const char *text, struct err *err);
int states_want_states(struct states_want *w, const char *text, struct err *err);
/* Both, instead of what was wanted before; NULL = all ports, all states but CLOSE.  Sockets that are only bound are no connections,
 * netstat and ss leave them out, and finding them costs half as much again: they count where CLOSE is named. */
int states_want_filter(struct states_want *w, const char *ports, const char *states,
		       struct err *err);

/* TIME_WAIT by the time left: [0] = it is over, but the socket is still there (up to 2 s,
 * docs/kernel-facts.md#timer-steps); [i] = more than 5(i-1) s and at most 5i s; the last = more
 * than 60 s. */
#define STATES_LEFT_WIDTH_S 5
#define STATES_LEFT_BUCKETS 14
/* "expired", "0-5", ... "55-60", "60+". */
const char *states_left_name(unsigned bucket);

struct states_shot {
	uint64_t wall_ns; /* when it began */
	struct tcp_states states;
	uint64_t left[STATES_LEFT_BUCKETS];
	struct sockstat sockstat; /* of the namespace, whatever the filter */
	bool has_sockstat;
	double cost_ms;               /* CPU time */
	struct states_groups *groups; /* borrowed; needed by all but STATES_BY_STATE */
};

int states_count(struct states_source *s, const struct states_want *want,
		 struct states_shot *shot, struct err *err);

#endif
