/* sampler - counts, on a thread and a netlink socket of its own, the TCP states of a load's
 * client side and server side in this network namespace, again and again while it runs.
 * The O(1) TIME_WAIT total (sockstat) is read at every tick; dumps are taken only as often as
 * their cost stays below a share of one core (sample_pace), and TIME_WAIT is kept up to date
 * between them (time_wait_track).  The result says how often dumps were put off.  Never touches the
 * data path. */
#ifndef TWSTORM_COMMON_KERNEL_SAMPLER_H
#define TWSTORM_COMMON_KERNEL_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>
#include "common/kernel/addr_list.h"
#include "common/base/err.h"
#include "common/kernel/proc_net.h"
#include "common/kernel/tcp_state.h"

struct sock_diag_row;

/* Which sockets are whose.  Client side: remote address and port are one of `targets`.
 * Server side: local port is one of `listens`' (and local address too, unless the listener
 * is a wildcard).  So a socket of a shared namespace's pair is on exactly one side. */
struct sampler_plan {
	const struct addr_list *targets; /* borrowed; NULL = no client side here */
	const struct addr_list *listens; /* borrowed; NULL = no server side here */
	uint16_t port_lo, port_hi; /* the client's ephemeral range, for ports_in_use */
	uint64_t tick_ns;          /* 0 = 100 ms */
	double budget;             /* share of one core for dumps; 0 = 0.01 */
	bool gives_way; /* a dump may take longer rather than keep a thread from the core:
			   for who starts connections by the clock */
	/* Gets each socket of the first full dump, which then has SOCK_DIAG_BOUND; called by
	 * the sampler's thread, before sampler_start() returns.  NULL = nobody wants them. */
	void (*first_row)(const struct sock_diag_row *row, void *arg);
	void *arg;
};

struct sample {
	uint64_t t_ns; /* clock_ns() when it was taken */
	uint64_t
		tw_ns; /* when its TIME_WAIT was last known: of this dump, or of a tick since */
	bool full; /* by one full dump: no figure is kept or estimated */
	struct tcp_states client, server; /* by the plan's sides */
	struct tcp_states other;          /* everything else in the namespace */
	uint64_t ports_in_use;            /* client-side sockets bound inside the range */
	uint64_t time_wait_in_range;      /* of them, those in TIME_WAIT */
	struct tcp_states in_range;       /* of them, as the dump found them */
	/* In TIME_WAIT, of client's and server's: there since before the first count. */
	uint64_t client_before, server_before;
	uint64_t minisocks;          /* FIN_WAIT2 without a descriptor, anybody's */
	uint64_t fin_wait2_full;     /* FIN_WAIT2 of the plan's sides that are none */
	uint64_t listeners_in_range; /* LISTEN sockets on ports inside the range */
	struct sockstat sockstat;
	uint64_t
		inuse; /* sockstat's when the sockets were counted; later what is left of them */
	struct kernel_counters counters; /* absolute */
	struct sample_meanwhile {
		uint64_t opens, entries; /* active and passive; to TIME_WAIT */
	} meanwhile; /* what the kernel counted until then, while a full dump was taken */
};

struct sampler_report {
	uint64_t samples;    /* dumps, full or without TIME_WAIT */
	uint64_t full_dumps; /* of them */
	uint64_t thinned;    /* ticks at which the full dump was put off for its cost */
	uint64_t sockets;    /* that the kernel listed, in all dumps together */
	uint64_t missed;     /* ticks that passed while a dump took longer */
	uint64_t ticks;
	double budget;     /* share of one core */
	double full_ms;    /* CPU time of the newest full dump */
	double cpu_s;      /* of the sampling thread */
	double longest_ms; /* the longest dump */
	uint64_t tw_peak;  /* highest sockstat tw seen at any tick */
	/* Highest dump count per state; of TIME_WAIT that of any tick, where it is certain. */
	struct tcp_states client_peak, server_peak;
	/* Of TIME_WAIT that began since the first count. */
	uint64_t client_own_peak, server_own_peak;
	uint64_t ports_peak;
};

struct sampler;

/* Opens the netlink socket and takes a first sample (*first may be NULL) before returning,
 * then starts the thread.  -errno where netlink has no inet_diag for us. */
int sampler_start(const struct sampler_plan *plan, struct sample *first,
		  struct sampler **out, struct err *err);
/* When most of its sockets were last counted: TIME_WAIT may be newer than the rest. */
uint64_t sample_counted_ns(const struct sample *s);
/* The newest sample, without waiting: TIME_WAIT of the last tick, the rest of the last dump. */
void sampler_latest(struct sampler *s, struct sample *out);
/* Takes a fresh, full sample now, whatever the budget, and waits for it. */
int sampler_fresh(struct sampler *s, struct sample *out, struct err *err);
/* The newest ports_in_use for who must not wait: one relaxed load.  The word changes with each
 * count, even where the number is the same; SAMPLER_DUMPS of it only where all sockets were
 * counted, not TIME_WAIT alone. */
const _Atomic uint64_t *sampler_ports(const struct sampler *s);
#define SAMPLER_PORTS_BITS  40
#define SAMPLER_DUMPS_BITS  12
#define SAMPLER_PORTS(word) ((word) & ((1ull << SAMPLER_PORTS_BITS) - 1))
#define SAMPLER_DUMPS(word) ((word) >> (64 - SAMPLER_DUMPS_BITS))
/* The figures so far; callable while it runs. */
void sampler_report(struct sampler *s, struct sampler_report *out);
/* Stops the thread and frees; NULL-safe. */
void sampler_stop(struct sampler *s);

#endif
