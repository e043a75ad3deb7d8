/* counted - one observed host: what is opened in its network namespace, and what the counts so far came to. */
#ifndef TWSTORM_BENCH_OBSERVE_COUNTED_H
#define TWSTORM_BENCH_OBSERVE_COUNTED_H

#include <stdbool.h>
#include <stdint.h>
#include "bench/observe/conntrack.h"
#include "bench/observe/ends.h"
#include "bench/observe/no_port.h"
#include "bench/observe/observe.h"
#include "common/kernel/host.h"
#include "common/kernel/proc_net.h"
#include "common/kernel/sample_pace.h"
#include "common/kernel/sampler.h"
#include "common/kernel/sock_diag.h"

#define COUNTED_TICK_NS (100 * NS_PER_MS)
#define COUNTED_MOMENTS 1200  /* of the series; then every second one goes */
#define COUNTED_ENDS    8     /* of a moment: those with the most ports */
#define COUNTED_BUDGET  0.015 /* share of one core for the dumps of all hosts together */

/* A row of the series. */
struct counted_moment {
	uint64_t t_ns, time_wait; /* by the kernel's total */
	uint64_t tracked,
		track_dropped; /* connection tracking's count; its drops so far */
	enum sample_kind kind;
	struct tcp_states states; /* not of SAMPLE_TOTAL */
	struct counted_use {
		uint32_t end; /* index of its row */
		uint32_t ports;
	} use[COUNTED_ENDS]; /* of SAMPLE_FULL */
	unsigned n_use;
};

struct counted {
	const struct observe_host *host; /* borrowed */
	struct sock_diag *diag;          /* owned */
	struct proc_net_files files;     /* owned */
	struct host_ports ports;
	uint64_t per_address; /* ports in the range, less those that no connect() gets */
	struct sides only;    /* owned: `targets` has the ends that are asked for */
	bool all;             /* none is: all */
	uint64_t until_ns;    /* it is counted no longer; 0 = as long as the others */
	bool over;
	struct ends ends;
	struct no_port no_port;
	struct port_set listening, ever_listening; /* at the last full count; at any */
	unsigned listeners_in_range;
	struct tcp_states now, peak;
	uint64_t sockets_peak; /* without LISTEN */
	uint64_t minisocks;    /* FIN_WAIT2 that sockstat counts as TIME_WAIT */
	struct kernel_counters first, counters;
	struct conntrack conntrack;
	uint64_t
		time_wait_ns; /* of the last tick that found the total above 0; 0 = none did */
	struct sample_pace pace;
	struct sampler_report report;
	struct counted_moment *moment; /* owned */
	unsigned n_moments;
	uint64_t step_ns, next_ns; /* between moments; of the next */
	/* During a dump: */
	uint64_t clock_ns; /* read now and then */
};

/* Leaves the calling thread in the host's namespace.  counted_close() in any case. */
int counted_open(struct counted *w, const struct observe_host *host, unsigned of_hosts,
		 struct err *err);
void counted_close(struct counted *w);
/* A count, as good as may be afforded now; at least the kernel's totals. */
int counted_tick(struct counted *w, struct err *err);
/* A full one, whatever it costs. */
int counted_fully(struct counted *w, struct err *err);
/* Descriptor on which destroyed sockets are told; -1 = none. */
int counted_failures_fd(const struct counted *w);
/* Ports in the range from as many local addresses. */
uint64_t counted_budget(const struct counted *w, const struct ends_row *row);

#endif
